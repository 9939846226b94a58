/** A tracking number belongs to one campaign, publisher and source; a pooled number to one pool. */
import type { GivenEverywhere } from '../sections/fields.ts';
import type { Report } from '../report.ts';
import { parseTelephoneRange } from '../values/telephone.ts';
import type { TelephoneRange } from '../values/telephone.ts';
import { keysOf, root, select } from '../yaml/tree.ts';
import type { Branch, Path } from '../yaml/tree.ts';

export function checkTelephoneNumbers(tree: Branch, { country }: GivenEverywhere, report: Report): void {
  const used: Range[] = [];
  for (const written of keysOf(tree.numbers)) {
    const path = ['numbers', written];
    const range = parseTelephoneRange(written, country);
    if (range.ok) used.push({ ...range.value, path, written });
    else report.error(path, range.message, range.hint, 'key');
  }
  for (const { later, first, number } of overlaps(used)) {
    const where = report.whereIs(first.path, report.sourceOf(later.path));
    const hint = `it stands as "${first.written}" ${where} already: keep one of the two`;
    report.error(later.path, `${number} is given twice`, hint, 'key');
  }
  const pooled: Range[] = [];
  for (const { path, tree: written } of select(root(tree), 'pools.*.numbers.*')) {
    if (typeof written !== 'string') continue;
    const range = parseTelephoneRange(written, country);
    if (range.ok) pooled.push({ ...range.value, path, written });
  }
  for (const { later, first, number } of overlaps(pooled)) {
    report.error(later.path, `${number} is pooled twice`, `it is in "${first.written}" already`);
  }
}

interface Range extends TelephoneRange {
  readonly path: Path;
  readonly written: string;
}

interface Overlap {
  readonly first: Range;
  readonly later: Range;
  /** The lowest number that both have. */
  readonly number: string;
}

/** Each range that has a number of another one, with the one before it in the file. */
function overlaps(ranges: readonly Range[]): Overlap[] {
  const order = new Map(ranges.map((range, index) => [range, index]));
  const found: Overlap[] = [];
  let widest: Range | undefined;
  // As dialled in a country that was itself wrong, a number is none yet.
  const known = ranges.filter(({ first }) => Number.isSafeInteger(first));
  for (const range of known.sort((a, b) => a.first - b.first)) {
    if (widest !== undefined && range.first < widest.first + widest.count) {
      const inOrder = (order.get(widest) ?? 0) < (order.get(range) ?? 0);
      const [first, later] = inOrder ? [widest, range] : [range, widest];
      found.push({ first, later, number: `+${range.first}` });
    }
    if (widest === undefined || range.first + range.count > widest.first + widest.count) widest = range;
  }
  return found;
}
