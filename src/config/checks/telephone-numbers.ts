/** A tracking number belongs to one campaign, publisher and source; a pooled number to one pool. */
import type { Given } from '../sections/fields.ts';
import type { Report } from '../report.ts';
import { parseTelephone, parseTelephoneRange } from '../values/telephone.ts';
import { root, select } from '../yaml/tree.ts';
import type { Tree } from '../yaml/tree.ts';

export function checkTelephoneNumbers(tree: Tree, { country }: Given, report: Report): void {
  const taken = new Map<string, string>();
  for (const { path } of select(root(tree), 'numbers.*')) {
    const written = String(path.at(-1));
    const number = parseTelephone(written, country);
    if (!number.ok) {
      report.error(path, number.message, number.hint, 'key');
      continue;
    }
    const before = taken.get(number.value);
    if (before === undefined) taken.set(number.value, written);
    else
      report.error(
        path,
        `${number.value} is given twice`,
        `it stands above as "${before}": keep one of the two`,
        'key',
      );
  }
  checkPools(tree, country, report);
}

function checkPools(tree: Tree, country: Given['country'], report: Report): void {
  const pooled = new Map<string, string>();
  for (const { path, tree: text } of select(root(tree), 'pools.*.numbers.*')) {
    if (typeof text !== 'string') continue;
    const range = parseTelephoneRange(text, country);
    if (!range.ok) continue;
    const again = range.value.find((number) => pooled.has(number));
    if (again !== undefined) {
      report.error(path, `${again} is pooled twice`, `it is in "${pooled.get(again) ?? ''}" already`);
    }
    for (const number of range.value) pooled.set(number, text);
  }
}
