import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

/** An answer that refuses a call, `486`, or a class of them as its first digit: `6xx` is 6. */
export function parseSipStop(text: string): Parsed<number> {
  const [, first, rest = ''] = /^([3-6])(\d\d|xx)$/i.exec(text) ?? [];
  if (first === undefined) {
    return bad(
      `"${text}" is no answer that refuses a call`,
      'a status from 300 to 699, or a class: 486, 6xx',
    );
  }
  if (first === '4' && rest === '08') {
    return bad('408 says that nobody answered, and the next buyer is tried', 'attempts: 1 tries no other');
  }
  return good(/^\d/.test(rest) ? Number(first + rest) : Number(first));
}
