/**
 * Opening hours. The clock on the buyer's wall decides: a buyer is open while it shows a time within a range.
 *
 * So when clocks go forward, what lies in the hour that is skipped does not happen; when they go back, the hour that
 * comes twice counts twice. A range that runs past midnight belongs to the day on which it begins. A dated exception
 * replaces the ranges that begin on its day; what began the day before still runs into it.
 */
import { dayOf, formatDay, localClock, minuteOf, parseDay, weekdayOf } from './local-clock.ts';
import type { Hours, TimeRange } from './network.ts';

export type OpenAt = (at: number) => boolean;

export function isOpen(hours: Hours, timezone: string, at: number): boolean {
  return compileHours(hours, timezone)(at);
}

/** Made ready for many calls: allocates nothing when asked. */
export function compileHours(hours: Hours, timezone: string): OpenAt {
  if (hours === 'always') return () => true;
  const clock = localClock(timezone);
  const rangesOf = rangesByDay(hours);
  return (at) => {
    const wall = clock.wall(at);
    const day = dayOf(wall);
    const minute = minuteOf(wall);
    return begunToday(rangesOf(day), minute) || begunYesterday(rangesOf(day - 1), minute);
  };
}

/** For reasons: `Tue 07:59` and the ranges that begin that day. */
export function hoursInWords(
  hours: Hours,
  timezone: string,
  at: number,
): { readonly now: string; readonly ranges: readonly string[] } {
  const wall = localClock(timezone).wall(at);
  if (Number.isNaN(wall)) return { now: `no time in ${timezone}`, ranges: [] };
  const day = dayOf(wall);
  const now = `${weekdays[weekdayOf(day) - 1] ?? ''} ${timeOfDay(minuteOf(wall))}`;
  if (hours === 'always') return { now, ranges: ['always'] };
  const ranges = rangesByDay(hours)(day).map(({ from, to }) => `${timeOfDay(from)}-${timeOfDay(to)}`);
  return { now, ranges: ranges.length === 0 ? [`closed on ${formatDay(day)}`] : ranges };
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const none: readonly TimeRange[] = [];

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
