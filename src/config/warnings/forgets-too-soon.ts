/**
 * What is counted, and who called before, is looked up in the records: once they are dropped it never was. A cap that
 * would so be filled twice is an error, for what it lets through costs money; the rest is told as a warning. Payout caps
 * are counted by sums of their own, which stay.
 */
import type { Cap } from '../../routing/network.ts';
import type { Judged } from './judged.ts';

type Path = readonly (string | number)[];

const dayMs = 24 * 3_600_000;
/** The longest that each can be; months of records go whole, so what began within `keep` is there. */
const longest: Readonly<Record<Cap['per'], number>> = {
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
  month: 31 * dayMs,
  ever: Number.POSITIVE_INFINITY,
};

export function forgetsTooSoon(judged: Judged): void {
  const { keep } = judged.config.records;
  if (keep === null) return;
  for (const [path, per] of capsOf(judged))
    if (longest[per] > keep)
      judged.report.error(
        path,
        `counts longer than records are kept: what is dropped would not count at the next start`,
        per === 'ever' ? 'keep records for ever, or cap by a shorter period' : 'make records.keep longer',
      );
  for (const [path, within] of windowsOf(judged))
    if (within != null && within > keep)
      judged.report.warning(path, 'reaches further back than records are kept', 'make records.keep longer');
}

function* capsOf({ config }: Judged): Generator<readonly [Path, Cap['per']]> {
  const { buyers, campaigns, publishers } = config.network;
  const named = (path: Path, caps: readonly Pick<Cap, 'per'>[]) =>
    caps.map(({ per }, index) => [[...path, 'caps', index], per] as const);
  for (const { id, caps } of buyers.values()) yield* named(['buyers', id], caps);
  for (const { id, caps } of publishers.values()) yield* named(['publishers', id], caps);
  for (const { id, caps, routing } of campaigns.values()) {
    yield* named(['campaigns', id], caps);
    for (const [at, route] of routing.routes.entries())
      yield* named(['campaigns', id, 'routing', 'routes', at], route.caps);
  }
}

function* windowsOf({ config }: Judged): Generator<readonly [Path, number | null | undefined]> {
  const { buyers, campaigns } = config.network;
  const { terms } = config;
  for (const id of buyers.keys())
    yield [['buyers', id, 'once_per_caller'], terms.buyers.get(id)?.oncePerCaller];
  for (const { id, repeatCaller, routing } of campaigns.values()) {
    const own = terms.campaigns.get(id);
    yield [['campaigns', id, 'once_per_caller'], own?.oncePerCaller];
    yield [['campaigns', id, 'repeat_caller', 'within'], repeatCaller?.within];
    yield [['campaigns', id, 'routing', 'sticky'], routing.sticky];
    yield [['campaigns', id, 'disputes', 'within'], own?.disputes.within];
    if (routing.strategy === 'best_performing')
      yield [['campaigns', id, 'routing', 'performance', 'over'], routing.performance.over];
  }
}
