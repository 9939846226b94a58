/**
 * What was settled before, as docs/money.md tells it, kept in a list that is read from end to end. Days are read off
 * the calendar of `Intl`, by name, never by adding hours.
 */
import type { OtherCall } from '../../src/settlement/other-call.ts';
import type { Past } from '../../src/settlement/settle.ts';
import type { PayoutCap, TermsBook } from '../../src/settlement/terms.ts';

export interface PastCall {
  readonly call: string;
  /** Null where the caller withheld the number. */
  readonly caller: string | null;
  /** When caller and buyer were through to each other; the start of a call that never was. */
  readonly instant: number;
  readonly endedAt: number;
  readonly buyer: string | null;
  readonly campaign: string;
  readonly publisher: string;
  readonly revenue: bigint;
  readonly payout: bigint;
}

export type CallToCome = Omit<PastCall, 'revenue' | 'payout'>;

export function pastOf(call: CallToCome, earlier: readonly PastCall[], book: TermsBook): Past {
  const billable = call.buyer === null ? null : (book.buyers.get(call.buyer)?.oncePerCaller ?? null);
  const terms = book.campaigns.get(`${call.campaign}/${call.publisher}`) ?? book.campaigns.get(call.campaign);
  const payable = terms?.oncePerCaller ?? null;
  const caps = book.publishers.get(call.publisher)?.caps ?? [];
  return {
    billed: nearest(
      call,
      earlier.filter(
        (other) =>
          other.revenue > 0n && other.buyer === call.buyer && sameCallerWithin(billable, other, call),
      ),
    ),
    paid: nearest(
      call,
      earlier.filter(
        (other) =>
          other.payout > 0n && other.campaign === call.campaign && sameCallerWithin(payable, other, call),
      ),
    ),
    owed: caps.map((cap) =>
      earlier
        .filter((other) => other.publisher === call.publisher)
        .filter((other) => cap.campaign === null || other.campaign === cap.campaign)
        .filter(
          (other) =>
            periodName(cap.per, book.timezone, other.endedAt) ===
            periodName(cap.per, book.timezone, call.endedAt),
        )
        .reduce((sum, other) => sum + other.payout, 0n),
    ),
  };
}

/** The nearest in time; of two as near the earlier, of two at once the one whose id comes first. */
function nearest(call: CallToCome, others: readonly CallToCome[]): OtherCall | null {
  const distance = (other: CallToCome) => Math.abs(other.instant - call.instant);
  const [least] = [...others].sort(
    (a, b) => distance(a) - distance(b) || a.instant - b.instant || (a.call < b.call ? -1 : 1),
  );
  return least === undefined ? null : { call: least.call, before: call.instant - least.instant };
}

function sameCallerWithin(window: number | null, other: CallToCome, call: CallToCome): boolean {
  if (window === null || call.caller === null || other.caller !== call.caller) return false;
  return Math.abs(other.instant - call.instant) < window;
}

/** Two instants are in one period where it has one name: `2026-11-01`, `week of 2026-10-26`, `2026-11`, `ever`. */
export function periodName(per: PayoutCap['per'], timezone: string, at: number): string {
  if (per === 'ever') return 'ever';
  const day = localDay(timezone, at);
  if (per === 'day') return day;
  if (per === 'month') return day.slice(0, 7);
  const noon = new Date(`${day}T12:00:00Z`);
  const sinceMonday = (noon.getUTCDay() + 6) % 7;
  noon.setUTCDate(noon.getUTCDate() - sinceMonday);
  return `week of ${noon.toISOString().slice(0, 10)}`;
}

interface Calendar {
  readonly format: Intl.DateTimeFormat;
  /** Of every instant that was asked for: `Intl` takes its time. */
  readonly days: Map<number, string>;
}

const calendars = new Map<string, Calendar>();

function localDay(timezone: string, at: number): string {
  const { format, days } = calendars.get(timezone) ?? newCalendar(timezone);
  const known = days.get(at);
  if (known !== undefined) return known;
  const day = format.format(at);
  days.set(at, day);
  return day;
}

function newCalendar(timezone: string): Calendar {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  const calendar = { format, days: new Map<number, string>() };
  calendars.set(timezone, calendar);
  return calendar;
}
