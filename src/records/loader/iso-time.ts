/** An instant for the database, as text; whoever wrote one that is none wrote an entry that cannot be loaded. */
import { UnreadableEntry } from './pg-error.ts';

export function isoTime(at: number): string {
  if (!Number.isInteger(at) || Math.abs(at) > furthest) return isoTimeOf(at);
  const day = Math.floor(at / dayMs);
  const ms = at - day * dayMs;
  const two = (unit: number, of: number) => twoDigits[Math.floor(ms / unit) % of] ?? '';
  const millis = String(1000 + (ms % 1000)).slice(1);
  return `${dateOf(day)}T${two(3_600_000, 24)}:${two(60_000, 60)}:${two(1000, 60)}.${millis}Z`;
}

/** Calls of a time, what they are looked for by and what they are payable by have few days; `Date` takes its time. */
function dateOf(day: number): string {
  const known = dates.get(day);
  if (known !== undefined) return known;
  if (dates.size >= datesKept) dates.clear();
  const date = isoTimeOf(day * dayMs).replace(/T.*/, '');
  dates.set(day, date);
  return date;
}

const dates = new Map<number, string>();
const datesKept = 1000;

function isoTimeOf(at: number): string {
  const time = new Date(at);
  // What was no number when it was written is null in JSON, and null is 1970 to Date.
  if (!Number.isFinite(at) || Number.isNaN(time.getTime()))
    throw new UnreadableEntry(`${String(at)} is no time`);
  return time.toISOString();
}

const dayMs = 86_400_000;
/** The last instant that is a Date. */
const furthest = 8.64e15;
const twoDigits = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
