/** A number that the records hold for one publisher is not given to another here. Only the records can tell. */
import type { GivenEverywhere } from '../sections/fields.ts';
import type { Report } from '../report.ts';
import { parseTelephoneRange } from '../values/telephone.ts';
import { keysOf } from '../yaml/tree.ts';
import type { Branch } from '../yaml/tree.ts';

/** Both holders in words: `clickwise for solar as google-ads`. */
export interface HeldByAnother {
  readonly number: string;
  readonly given: string;
  readonly held: string;
}

export function checkHeldNumbers(
  tree: Branch,
  { country }: GivenEverywhere,
  clashes: readonly HeldByAnother[],
  report: Report,
): void {
  if (clashes.length === 0) return;
  const ranges = keysOf(tree.numbers).flatMap((written) => {
    const range = parseTelephoneRange(written, country);
    return range.ok ? [{ ...range.value, written }] : [];
  });
  for (const { number, given, held } of clashes) {
    const digits = Number(number);
    const range = ranges.find(({ first, count }) => digits >= first && digits < first + count);
    report.error(
      ['numbers', ...(range ? [range.written] : [])],
      `${number} is given to ${given}, and held by ${held}`,
      `keep one of the two: take it out here, or \`tollbridge numbers release ${number}\``,
      'key',
    );
  }
}
