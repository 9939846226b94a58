/**
 * One line of the journal: JSON that says its version, its number and, last, the checksum of all before it.
 * The first line of each segment names the journal instead of an event.
 */
import type { JournalEvent } from '../events.ts';

export const version = 1;

export type Line =
  | { readonly kind: 'header'; readonly journal: string; readonly first: number }
  | { readonly kind: 'event'; readonly seq: number; readonly event: JournalEvent }
  | { readonly kind: 'bad'; readonly reason: string };

export const encodeHeader = (journal: string, first: number): string =>
  seal(`{"v":${version},"journal":${JSON.stringify(journal)},"first":${first}`);

export const encodeEvent = (seq: number, event: JournalEvent): string =>
  seal(`{"v":${version},"seq":${seq},"event":${JSON.stringify(event)}`);

const seal = (open: string): string => `${open},"crc":"${checksum(open)}"}\n`;

const crcMark = ',"crc":"';
const tailLength = crcMark.length + 8 + '"}'.length;

/** `text` is a line without its newline. */
export function decodeLine(text: string): Line {
  const open = text.slice(0, -tailLength);
  if (text.slice(-tailLength) !== `${crcMark}${checksum(open)}"}`) return { kind: 'bad', reason: 'checksum' };
  return wordsOf(`${open}}`);
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
  if (isNumber(seq) && isEvent(event)) return { kind: 'event', seq, event };
  return { kind: 'bad', reason: 'no entry' };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Its type stands for the rest: this program wrote it, and what the database makes of it is the database's to say. */
const isEvent = (value: unknown): value is JournalEvent => isObject(value) && typeof value.type === 'string';

/** CRC-32 as in gzip, of the UTF-8 bytes, as eight hex digits. */
function checksum(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  let crc = 0xffffffff;
  // By index: `for … of` over a Buffer takes ten times as long, and this runs on the call path.
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let entry = n;
  for (let bit = 0; bit < 8; bit++) entry = (entry & 1) === 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
  return entry;
});
