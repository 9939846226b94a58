/** What the clock on the wall shows in a time zone: days, weekdays and minutes as numbers, cheap enough for every call. */
import { IANAZone } from 'luxon';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Every change of an offset since 1973 fell on a quarter of an hour. */
export const slotMs = 900_000;

export interface LocalClock {
  readonly timezone: string;
  /** The wall clock at an instant, as milliseconds since the wall clock of 1970-01-01 00:00. */
  wall(at: number): number;
}

const clocks = new Map<string, LocalClock>();

/** One clock a zone. In a zone that does not exist it is never any time (NaN): nothing is open, nothing is equal. */
export function localClock(timezone: string): LocalClock {
  const present = clocks.get(timezone);
  if (present !== undefined) return present;
  const clock = startClock(timezone);
  if (IANAZone.isValidZone(timezone)) clocks.set(timezone, clock);
  return clock;
}

/** Days since 1970-01-01, by the wall clock. */
export function dayOf(wall: number): number {
  return Math.floor(wall / dayMs);
}

/** Minutes since local midnight by the wall clock, 0 to 1439. */
export function minuteOf(wall: number): number {
  return Math.floor((wall - dayOf(wall) * dayMs) / minuteMs);
}

/** 1 = Monday … 7 = Sunday. */
export function weekdayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** `2026-12-25` to its day; null where there is no such date. */
export function parseDay(date: string): number | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (parts === null) return null;
  const at = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  return formatDay(at / dayMs) === date ? at / dayMs : null;
}

export function formatDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The first instant at which the wall clock shows this day or a later one, where midnight is skipped or comes twice too. */
export function startOfDay(clock: LocalClock, day: number): number {
  const midnight = day * dayMs;
  // Offsets lie between -12 and +14 hours: the day begins inside this window, on one side or the other of a change.
  const early = midnight - 15 * 3_600_000;
  const late = midnight + 13 * 3_600_000;
  const before = clock.wall(early) - early;
  const after = clock.wall(late) - late;
  if (before === after || Number.isNaN(before + after)) return midnight - after;
  const change = offsetChange(clock, early, late);
  return midnight - before < change ? midnight - before : Math.max(change, midnight - after);
}

/** The instant in (from, to] from which on the zone has the offset of `to`. */
export function offsetChange(clock: LocalClock, from: number, to: number): number {
  const after = clock.wall(to) - to;
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (clock.wall(middle) - middle === after) high = middle;
    else low = middle;
  }
  return high;
}

function startClock(timezone: string): LocalClock {
  const zone = IANAZone.create(timezone);
  // Calls come in the order of time, so nearly all of them ask for the quarter of an hour of the call before.
  let slot = Number.NaN;
  let offset = Number.NaN;
  return {
    timezone,
    wall(at) {
      const asked = Math.floor(at / slotMs);
      if (asked !== slot) {
        offset = zone.offset(at) * minuteMs;
        slot = asked;
      }
      return at + offset;
    },
  };
}
