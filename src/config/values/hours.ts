import type { Hours, TimeRange } from '../../routing/network.ts';
import { offer } from './nearest.ts';
import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const wholeDay: readonly TimeRange[] = [{ from: 0, to: 24 * 60 }];

/** `sat`, `mon-fri`, and over the week's end `sat-mon`, to ISO weekdays (1 = Monday). */
export function parseWeekdays(text: string): Parsed<readonly number[]> {
  const [first = '', last = first, ...rest] = text.toLowerCase().split('-');
  const from = weekdays.indexOf(first);
  const to = weekdays.indexOf(last);
  if (from < 0 || to < 0 || rest.length > 0) {
    return bad(`"${text}" is not a weekday`, offer(from < 0 ? first : last, weekdays, ''));
  }
  const count = ((to - from + 7) % 7) + 1;
  return good(Array.from({ length: count }, (_, i) => ((from + i) % 7) + 1));
}

/** `08:00-12:00`; `22:00-02:00` runs past midnight. */
export function parseTimeRange(text: string): Parsed<TimeRange> {
  const hint = 'from and to as HH:MM-HH:MM: 08:00-12:00, 22:00-02:00, 00:00-24:00';
  const [, from, to] = /^(\d{2}:\d{2})\s*-\s*(\d{2}:\d{2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return bad(`"${text}" is not a range of time`, hint);
  const range = { from: minutes(from), to: minutes(to) };
  if (range.from === null || range.to === null) return bad(`"${text}" has a time that no day has`, hint);
  if (range.from === 24 * 60)
    return bad(`"${text}" starts when the day is over`, 'write 00:00 on the next day');
  if (range.from === range.to) return bad(`"${text}" ends when it starts`, 'the whole day is 00:00-24:00');
  return good({ from: range.from, to: range.to });
}

/** `2026-12-25`, if the calendar has it. */
export function parseDate(text: string): Parsed<string> {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const date = new Date(`${text}T00:00:00Z`);
    if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)) return good(text);
  }
  return bad(`"${text}" is not a date`, 'year, month and day: 2026-12-25');
}

/** `always` with exceptions is a week of whole days with exceptions. */
export function hoursOf(
  weekly: 'always' | ReadonlyMap<number, readonly TimeRange[]>,
  except: ReadonlyMap<string, readonly TimeRange[]>,
): Hours {
  if (weekly !== 'always') return { weekly, except };
  if (except.size === 0) return 'always';
  return { weekly: new Map(weekdays.map((_, i) => [i + 1, wholeDay])), except };
}

function minutes(text: string): number | null {
  const hours = Number(text.slice(0, 2));
  const rest = Number(text.slice(3));
  const total = hours * 60 + rest;
  return rest < 60 && total <= 24 * 60 ? total : null;
}
