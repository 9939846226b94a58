/**
 * Opening hours. The clock on the buyer's wall decides: a buyer is open while it shows a time within a range.
 *
 * So when clocks go forward, what lies in the hour that is skipped does not happen; when they go back, the hour that
 * comes twice counts twice. A range that runs past midnight belongs to the day on which it begins. A dated exception
 * replaces the ranges that begin on its day; what began the day before still runs into it.
 */
import {
  dayOf,
  formatDay,
  localClock,
  minuteOf,
  parseDay,
  slotMs,
  weekdayOf,
  type LocalClock,
} from '../calendar/local-clock.ts';
import type { Hours, TimeRange } from './network.ts';

/** Hours made ready for many calls: allocates nothing when asked. */
export interface Opening {
  isOpen(at: number): boolean;
  /** From `at` until then, `isOpen` answers the same: the next edge of a range or, if sooner, change of offset. */
  steadyUntil(at: number): number;
  /** For reasons; allocates at most once a minute. */
  inWords(at: number): HoursInWords;
}

/** `Tue 07:59` and the ranges that begin that day. */
interface HoursInWords {
  readonly now: string;
  readonly ranges: readonly string[];
}

export function isOpen(hours: Hours, timezone: string, at: number): boolean {
  return compileHours(hours, timezone).isOpen(at);
}

export function compileHours(hours: Hours, timezone: string): Opening {
  const clock = localClock(timezone);
  if (hours === 'always') {
    return {
      isOpen: () => true,
      steadyUntil: () => Number.POSITIVE_INFINITY,
      inWords: (at) => wordsFor(clock, at, () => ['always']),
    };
  }
  const rangesOf = rangesByDay(hours);
  const edges = edgesOf(hours);
  const written = (day: number): readonly string[] => {
    const ranges = rangesOf(day).map(({ from, to }) => `${timeOfDay(from)}-${timeOfDay(to)}`);
    return ranges.length === 0 ? [`closed on ${formatDay(day)}`] : ranges;
  };
  let told: HoursInWords | null = null;
  let toldMinute = Number.NaN;
  return {
    isOpen: (at) => {
      const wall = clock.wall(at);
      const day = dayOf(wall);
      const minute = minuteOf(wall);
      return begunToday(rangesOf(day), minute) || begunYesterday(rangesOf(day - 1), minute);
    },
    steadyUntil: (at) => {
      const wall = clock.wall(at);
      const sinceMidnight = wall - dayOf(wall) * dayMs;
      const endOfSlot = (Math.floor(at / slotMs) + 1) * slotMs;
      const edge = edges.find((minute) => minute * minuteMs > sinceMidnight);
      return edge === undefined ? endOfSlot : Math.min(endOfSlot, at + edge * minuteMs - sinceMidnight);
    },
    inWords: (at) => {
      const minute = Math.floor(clock.wall(at) / minuteMs);
      if (told === null || minute !== toldMinute) told = wordsFor(clock, at, written);
      toldMinute = minute;
      return told;
    },
  };
}

/** Hours that are written alike are the same hours: their key. */
export function hoursKey(hours: Hours, timezone: string): string {
  if (hours === 'always') return 'always';
  return JSON.stringify([timezone, [...hours.weekly], [...hours.except]]);
}

function wordsFor(clock: LocalClock, at: number, rangesOn: (day: number) => readonly string[]): HoursInWords {
  const wall = clock.wall(at);
  if (Number.isNaN(wall)) return { now: `no time in ${clock.timezone}`, ranges: [] };
  const day = dayOf(wall);
  return { now: `${weekdays[weekdayOf(day) - 1] ?? ''} ${timeOfDay(minuteOf(wall))}`, ranges: rangesOn(day) };
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const none: readonly TimeRange[] = [];
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Every minute of the day at which a range may begin or end, and midnight, when another day's ranges take over. */
function edgesOf(hours: Exclude<Hours, 'always'>): readonly number[] {
  const ranges = [...hours.weekly.values(), ...hours.except.values()].flat();
  return [...new Set([...ranges.flatMap(({ from, to }) => [from, to]), 1_440])].toSorted((a, b) => a - b);
}

function rangesByDay(hours: Exclude<Hours, 'always'>): (day: number) => readonly TimeRange[] {
  const weekly = [1, 2, 3, 4, 5, 6, 7].map((weekday) => hours.weekly.get(weekday) ?? none);
  const except = new Map<number, readonly TimeRange[]>();
  for (const [date, ranges] of hours.except) {
    const day = parseDay(date);
    if (day !== null) except.set(day, ranges);
  }
  const usual = (day: number): readonly TimeRange[] => weekly[weekdayOf(day) - 1] ?? none;
  return except.size === 0 ? usual : (day) => except.get(day) ?? usual(day);
}

function begunToday(ranges: readonly TimeRange[], minute: number): boolean {
  for (const { from, to } of ranges) {
    if (minute >= from && (minute < to || to <= from)) return true;
  }
  return false;
}

function begunYesterday(ranges: readonly TimeRange[], minute: number): boolean {
  for (const { from, to } of ranges) {
    if (to <= from && minute < to) return true;
  }
  return false;
}

function timeOfDay(minutes: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
