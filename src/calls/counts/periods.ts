import type { CapPeriod } from '../../routing/network.ts';
import { periodStart } from '../../calendar/period.ts';

/** Milliseconds since the epoch; `until` no longer belongs to it. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** In the order in which usages keep them. */
export const capPeriods: readonly CapPeriod[] = ['hour', 'day', 'week', 'month', 'ever'];

/** The periods that run in one zone: worked out when they change, and shared by all who keep its time. */
export class Periods {
  readonly timezone: string;
  readonly #running = new Map<CapPeriod, Period>();

  constructor(timezone: string) {
    this.timezone = timezone;
  }

  /** The period of its kind that holds `at`. */
  at(per: CapPeriod, at: number): Period {
    const known = this.#running.get(per);
    if (known !== undefined && known.from <= at && at < known.until) return known;
    const from = periodStart(per, this.timezone, at);
    const period = { from, until: nextStart(per, this.timezone, from) };
    // What is told late belongs to a period that has passed: the one that runs stays at hand.
    if (known === undefined || known.until <= at) this.#running.set(per, period);
    return period;
  }
}

const hourMs = 3_600_000;
const quarterMs = hourMs / 4;
/** A time surely within the period, and one surely past it, counted from its start. */
const bounds = {
  hour: [0, 2 * hourMs],
  day: [22 * hourMs, 27 * hourMs],
  week: [(7 * 24 - 2) * hourMs, (7 * 24 + 3) * hourMs],
  month: [(28 * 24 - 2) * hourMs, (31 * 24 + 3) * hourMs],
} as const;

/** Where the period after the one that began at `from` begins: clocks change, so it is looked for. */
function nextStart(per: CapPeriod, zone: string, from: number): number {
  if (per === 'ever') return Number.POSITIVE_INFINITY;
  let within = from + bounds[per][0];
  let past = from + bounds[per][1];
  while (past - within > quarterMs) {
    const middle = (within + past) / 2;
    if (periodStart(per, zone, middle) === from) within = middle;
    else past = middle;
  }
  return periodStart(per, zone, past);
}
