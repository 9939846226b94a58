/**
 * One line of the journal: JSON that says its version, its number and, last, the checksum of all before it.
 * The first line of each segment names the journal instead of an event.
 */
import type { JournalEvent } from '../events.ts';
import { crc32 } from './crc32.ts';

export const version = 1;

export type Line =
  | { readonly kind: 'header'; readonly journal: string; readonly first: number }
  | { readonly kind: 'event'; readonly seq: number; readonly event: JournalEvent; readonly isPlain: boolean }
  | { readonly kind: 'bad'; readonly reason: string };

export const encodeHeader = (journal: string, first: number): string =>
  seal(`{"v":${version},"journal":${JSON.stringify(journal)},"first":${first}`);

export const encodeEvent = (seq: number, event: JournalEvent): string =>
  seal(`{"v":${version},"seq":${seq},"event":${JSON.stringify(event)}`);

const seal = (open: string): string => `${open}${tailOf(open)}\n`;

/** CRC-32 as in gzip, of the UTF-8 bytes, as eight hex digits. */
const tailOf = (open: string | Buffer): string => `,"crc":"${crc32(open).toString(16).padStart(8, '0')}"}`;
const tailLength = tailOf('').length;

/** `bytes`: a line without its newline. */
export function decodeLine(bytes: Buffer): Line {
  const open = Math.max(0, bytes.length - tailLength);
  const tail = bytes.toString('latin1', open);
  if (tail !== tailOf(bytes.subarray(0, open))) return { kind: 'bad', reason: 'checksum' };
  return wordsOf(bytes.toString('utf8'));
}

/** What has a checksum may still be of another make. */
function wordsOf(json: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(json);
  } catch {
    return { kind: 'bad', reason: 'no JSON' };
  }
  if (!isObject(line)) return { kind: 'bad', reason: 'no entry' };
  const { v, journal, first, seq, event } = line;
  if (v !== version) return { kind: 'bad', reason: `version ${String(v)}` };
  if (typeof journal === 'string' && isNumber(first)) return { kind: 'header', journal, first };
  if (isNumber(seq) && isEvent(event)) return { kind: 'event', seq, event, isPlain: isPlain(json) };
  return { kind: 'bad', reason: 'no entry' };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Its type stands for the rest: this program wrote it, and what the database makes of it is the database's to say. */
const isEvent = (value: unknown): value is JournalEvent => isObject(value) && typeof value.type === 'string';

/** No text in it holds a control, or half of a surrogate pair: in JSON they are escaped, the newer controls alone are not. */
export const isPlain = (json: string): boolean => !suspicious.test(json);
const suspicious = /\\[ubfnrt]|[\x7f-\x9f]/;
