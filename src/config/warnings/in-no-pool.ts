import { at, keysOf } from '../yaml/tree.ts';
import { parseCountry } from '../values/locale.ts';
import { numbersOf, parseTelephoneRange } from '../values/telephone.ts';
import type { Judged } from './judged.ts';

/** Where pools say which numbers are ours, one that leads to a campaign and is in none of them may be a slip. */
export function inNoPool({ config, tree, report }: Judged): void {
  if (config.pools.size === 0) return;
  const ours = new Set([...config.pools.values()].flatMap(({ numbers }) => numbers));
  const country = parseCountry(config.country);
  for (const written of keysOf(at(tree, ['numbers']))) {
    const range = parseTelephoneRange(written, country.ok ? country.value : null);
    if (!range.ok) continue;
    const strays = numbersOf(range.value).filter((number) => !ours.has(number));
    if (strays.length === 0) continue;
    const which = strays.length === 1 && range.value.count === 1 ? '' : `: ${strays[0] ?? ''} is not`;
    report.warning(
      ['numbers', written],
      `is in no pool${which}`,
      'add it to the pool of the carrier that delivers its calls',
      'key',
    );
  }
}
