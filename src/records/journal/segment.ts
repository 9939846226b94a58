/** A file of the journal, named after the first number that it holds. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEvent } from '../events.ts';
import { decodeLine, type Decode, type Line } from './line.ts';

export interface Segment {
  readonly path: string;
  readonly first: number;
}

const name = /^(\d{12})\.jsonl$/;

export const segmentAt = (dir: string, first: number): Segment => ({
  path: join(dir, `${String(first).padStart(12, '0')}.jsonl`),
  first,
});

/** The number in a segment's name; null where it is no segment's. */
export function firstOf(file: string): number | null {
  const first = name.exec(file)?.[1];
  return first === undefined ? null : Number(first);
}

interface PlacedLine<Event = JournalEvent> {
  readonly line: Line<Event>;
  /** Of the line's first byte, in its segment. */
  readonly offset: number;
  /** Where the next line starts. */
  readonly end: number;
  /** Counted from 1. */
  readonly number: number;
}

const readAtOnce = 256 * 1024;
/** No line is as long: what goes on for more is no journal's, and is not gathered in memory. */
const longestLine = 64 * 1024 * 1024;

/** Every complete line from `offset` to `limit`, then how many bytes without a newline remain. */
export const linesOf = (
  path: string,
  offset = 0,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<PlacedLine, number> => decodedLinesOf(path, decodeLine, offset, limit);

export async function* decodedLinesOf<Event>(
  path: string,
  decode: Decode<Event>,
  offset: number,
  limit: number,
): AsyncGenerator<PlacedLine<Event>, number> {
  if (limit <= offset) return 0;
  let begun: Buffer[] = [];
  let length = 0;
  let start = offset;
  let number = 0;
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length > longestLine) begun = [];
    else if (part.length > 0) begun.push(part);
  };
  for await (const chunk of createReadStream(path, {
    start: offset,
    end: limit - 1,
    highWaterMark: readAtOnce,
  }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let newline = chunk.indexOf(10); newline >= 0; newline = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, newline));
      const end = start + length + 1;
      const line: Line<Event> =
        length > longestLine ? { kind: 'bad', reason: 'too long' } : decode(bytesOf(begun));
      yield { line, offset: start, end, number: ++number };
      begun = [];
      length = 0;
      start = end;
      from = newline + 1;
    }
    keep(chunk.subarray(from));
  }
  return length;
}

const bytesOf = (parts: readonly Buffer[]): Buffer =>
  (parts.length === 1 ? parts[0] : null) ?? Buffer.concat(parts);

/** A file's name is durable only once its folder is. */
export async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
