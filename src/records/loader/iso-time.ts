/** An instant for the database, as text; whoever wrote one that is none wrote an entry that cannot be loaded. */
import { UnreadableEntry } from './pg-error.ts';

export function isoTime(at: number): string {
  const known = recent.get(at);
  if (known !== undefined) return known;
  const time = new Date(at);
  // What was no number when it was written is null in JSON, and null is 1970 to Date.
  if (!Number.isFinite(at) || Number.isNaN(time.getTime()))
    throw new UnreadableEntry(`${String(at)} is no time`);
  if (recent.size >= recentKept) recent.clear();
  const text = time.toISOString();
  recent.set(at, text);
  return text;
}

/** The rows of a call name the same few instants again and again. */
const recent = new Map<number, string>();
const recentKept = 1000;
