import { parseDuration as milliseconds } from '../../conditions/duration.ts';
import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const hint = 'a duration is a number and a unit: 500ms, 25s, 2m, 1h, 30d';
/** A hundred years: past any meaning, and far from where milliseconds stop being exact integers. */
const most = 36_525 * 86_400_000;

/** `500ms`, `25s`, `2m`, `1h`, `30d` to milliseconds. */
export function parseDuration(text: string): Parsed<number> {
  const value = milliseconds(text);
  if (value === null) return bad(`"${text}" is not a duration`, hint);
  return value <= most ? good(value) : bad(`"${text}" is longer than a hundred years`, hint);
}

/** As parseTimeSpan, up to `longest` milliseconds. */
export const parseShortSpan =
  (longest: number) =>
  (text: string): Parsed<number> => {
    const parsed = parseTimeSpan(text);
    return parsed.ok && parsed.value > longest
      ? bad(`"${text}" is too long`, `at most ${longest / 1_000}s`)
      : parsed;
  };

/** As parseDuration, where nothing at all makes no sense. */
export function parseTimeSpan(text: string): Parsed<number> {
  const parsed = parseDuration(text);
  return parsed.ok && parsed.value === 0 ? bad('must be longer than 0', hint) : parsed;
}

/** Node.js counts a timer's milliseconds in 31 bits: one that is set for 25 days goes off at once. */
const longestTimer = 24 * 86_400_000;

/** As `parse`, for what becomes a timer. */
export const parseTimer =
  (parse: (text: string) => Parsed<number>) =>
  (text: string): Parsed<number> => {
    const parsed = parse(text);
    return parsed.ok && parsed.value > longestTimer
      ? bad(`"${text}" is longer than a timer can run`, 'at most 24 days: 24d')
      : parsed;
  };
