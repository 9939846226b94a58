import type { CapCount, CapPeriod, Subject } from '../routing/network.ts';
import { periodStart } from '../calendar/period.ts';

export type Seen = 'attempted' | 'connected' | 'converted';

const counts: readonly CapCount[] = ['attempted', 'connected', 'converted', 'revenue'];
const periods: readonly CapPeriod[] = ['hour', 'day', 'week', 'month', 'ever'];

/** One counter in the period that runs: over at `until`, when it reads 0 again. */
interface Cell {
  from: number;
  until: number;
  sum: number;
}

/**
 * What happened on each subject in the hour, day, week and month that run in its zone, and who called. Counts happen
 * once, at the event that the cap counts; filled from the records at the start.
 */
export class Tally {
  readonly #zoneOf: (subject: Subject) => string;
  readonly #cells = new Map<Subject, (Cell | undefined)[]>();
  readonly #running = new Map<string, { readonly from: number; readonly until: number }>();
  readonly #lastOffered = new Map<string, number>();
  readonly #seen = new Map<string, number>();

  constructor(zoneOf: (subject: Subject) => string) {
    this.#zoneOf = zoneOf;
  }

  /** `amount` is 1 for each call, or micro-units of revenue. */
  count(subjects: readonly Subject[], count: CapCount, amount: number, at: number): void {
    for (const subject of subjects) {
      let cells = this.#cells.get(subject);
      if (!cells) this.#cells.set(subject, (cells = []));
      for (const per of periods) this.#add(cells, subject, count, per, amount, at);
    }
  }

  counted(subject: Subject, count: CapCount, per: CapPeriod, now: number): number {
    const cell = this.#cells.get(subject)?.[place(count, per)];
    return cell !== undefined && now < cell.until ? cell.sum : 0;
  }

  offered(buyer: string, at: number): void {
    this.#lastOffered.set(buyer, Math.max(at, this.#lastOffered.get(buyer) ?? 0));
  }

  lastOffered(buyer: string): number | null {
    return this.#lastOffered.get(buyer) ?? null;
  }

  see(who: { caller: string; campaign: string; buyer: string; seen: Seen; at: number }): void {
    const key = seenKey(who.caller, who.campaign, who.buyer, who.seen);
    this.#seen.set(key, Math.max(who.at, this.#seen.get(key) ?? 0));
  }

  seen(caller: string, campaign: string, buyer: string, seen: Seen): number | null {
    return this.#seen.get(seenKey(caller, campaign, buyer, seen)) ?? null;
  }

  /** Drops callers whom no rule can ask for any more. */
  forgetCallersBefore(at: number): void {
    for (const [key, seenAt] of this.#seen) if (seenAt < at) this.#seen.delete(key);
  }

  #add(
    cells: (Cell | undefined)[],
    subject: Subject,
    count: CapCount,
    per: CapPeriod,
    amount: number,
    at: number,
  ): void {
    const index = place(count, per);
    const cell = cells[index];
    if (cell !== undefined && at < cell.until) {
      // What happened before the running period counts for none that a cap can still ask for.
      if (at >= cell.from) cell.sum += amount;
      return;
    }
    const { from, until } = this.#periodAt(per, this.#zoneOf(subject), at);
    cells[index] = { from, until, sum: amount };
  }

  /** The period of its kind that holds `at`; looked up once for all that share a zone. */
  #periodAt(per: CapPeriod, zone: string, at: number): { readonly from: number; readonly until: number } {
    const key = `${per} ${zone}`;
    const known = this.#running.get(key);
    if (known && known.from <= at && at < known.until) return known;
    const from = periodStart(per, zone, at);
    const period = { from, until: nextStart(per, zone, from) };
    this.#running.set(key, period);
    return period;
  }
}

const place = (count: CapCount, per: CapPeriod): number =>
  counts.indexOf(count) * periods.length + periods.indexOf(per);

const seenKey = (caller: string, campaign: string, buyer: string, seen: Seen): string =>
  `${caller}|${campaign}|${buyer}|${seen}`;

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
