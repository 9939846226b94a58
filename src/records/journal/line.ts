/**
 * One line of the journal: JSON that says its version, its number and, last, the checksum of all before it.
 * The first line of each segment names the journal instead of an event.
 */
import { isAscii } from 'node:buffer';
import type { JournalEvent } from '../events.ts';
import { crc32 } from './crc32.ts';

export const version = 1;

export type Line<Event = JournalEvent> =
  | { readonly kind: 'header'; readonly journal: string; readonly first: number }
  | { readonly kind: 'event'; readonly seq: number; readonly event: Event; readonly isPlain: boolean }
  | { readonly kind: 'bad'; readonly reason: string };

/** An event of which its reader needs no more than that it is there: its checksum is right, and its JSON is not parsed. */
export interface PassedOver {
  readonly type: 'passed over';
  /** Of the event as it was written. */
  readonly json: Buffer;
}

/** `bytes`: a line without its newline. */
export type Decode<Event> = (bytes: Buffer) => Line<Event>;

export const encodeHeader = (journal: string, first: number): string =>
  seal(`{"v":${version},"journal":${JSON.stringify(journal)},"first":${first}`);

export const encodeEvent = (seq: number, event: JournalEvent): string =>
  seal(`{"v":${version},"seq":${seq},"event":${JSON.stringify(event)}`);

const seal = (open: string): string => `${open}${tailOf(open)}\n`;

/** CRC-32 as in gzip, of the UTF-8 bytes, as eight hex digits. */
const tailOf = (open: string | Buffer): string => `,"crc":"${crc32(open).toString(16).padStart(8, '0')}"}`;
const tailLength = tailOf('').length;

export const decodeLine: Decode<JournalEvent> = (bytes) => (isSealed(bytes) ? wordsOf(bytes) : notSealed);

/** Events of these types are passed over. */
export const decodeBut =
  (types: ReadonlySet<JournalEvent['type']>): Decode<JournalEvent | PassedOver> =>
  (bytes) =>
    isSealed(bytes) ? (passedOver(bytes, types) ?? wordsOf(bytes)) : notSealed;

function isSealed(bytes: Buffer): boolean {
  const open = Math.max(0, bytes.length - tailLength);
  return bytes.toString('latin1', open) === tailOf(bytes.subarray(0, open));
}

const notSealed = { kind: 'bad', reason: 'checksum' } as const;

/** Null where the line does not begin as `encodeEvent` writes one of these types: then its JSON says what it is. */
function passedOver(bytes: Buffer, types: ReadonlySet<string>): Line<PassedOver> | null {
  const [whole, seq, type] = head.exec(bytes.toString('latin1', 0, longestHead)) ?? [];
  if (whole === undefined || type === undefined || !types.has(type)) return null;
  const json = bytes.subarray(whole.length - type.length - beforeType.length, bytes.length - tailLength);
  return { kind: 'event', seq: Number(seq), event: { type: 'passed over', json }, isPlain: true };
}

const beforeType = '{"type":"';
const head = new RegExp(`^\\{"v":${version},"seq":(\\d{1,15}),"event":\\${beforeType}([a-z]+)(?=")`);
const longestHead = 64;

/** What has a checksum may still be of another make. */
function wordsOf(bytes: Buffer): Line {
  const ascii = isAscii(bytes);
  const json = bytes.toString(ascii ? 'latin1' : 'utf8');
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
  if (isNumber(seq) && isEvent(event))
    return { kind: 'event', seq, event, isPlain: (ascii && isBare(json)) || isPlain(json) };
  return { kind: 'bad', reason: 'no entry' };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Its type stands for the rest: this program wrote it, and what the database makes of it is the database's to say. */
const isEvent = (value: unknown): value is JournalEvent => isObject(value) && typeof value.type === 'string';

/** No text in it holds a control, or half of a surrogate pair: in JSON they are escaped, the newer controls alone are not. */
export const isPlain = (json: string): boolean => !suspicious.test(json);
/** As nearly all of ASCII are: looked for by single letters, which takes a tenth of the time. */
const isBare = (json: string): boolean => !json.includes('\\') && !json.includes('\x7f');
const suspicious = /\\[ubfnrt]|[\x7f-\x9f]/;
