/** A file of the journal, named after the first number that it holds. */
import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeLine, type Line } from './line.ts';

export interface Segment {
  readonly path: string;
  readonly first: number;
}

const name = /^(\d{12})\.jsonl$/;

export const segmentAt = (dir: string, first: number): Segment => ({
  path: join(dir, `${String(first).padStart(12, '0')}.jsonl`),
  first,
});

/** Oldest first. */
export async function listSegments(dir: string): Promise<readonly Segment[]> {
  const names = await readdir(dir);
  return names
    .flatMap((file) => {
      const first = name.exec(file)?.[1];
      return first === undefined ? [] : [{ path: join(dir, file), first: Number(first) }];
    })
    .sort((a, b) => a.first - b.first);
}

/** As the newest segment that still says it has it. */
export async function journalId(segments: readonly Segment[]): Promise<string | null> {
  for (const segment of segments.toReversed()) {
    for await (const { line } of linesOf(segment.path)) {
      if (line.kind === 'header') return line.journal;
      break;
    }
  }
  return null;
}

export interface PlacedLine {
  readonly line: Line;
  /** Of the line's first byte, in its segment. */
  readonly offset: number;
  /** Where the next line starts. */
  readonly end: number;
  /** Counted from 1. */
  readonly number: number;
}

/** Every complete line from `offset` to `limit`, then how many bytes without a newline remain. */
export async function* linesOf(
  path: string,
  offset = 0,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<PlacedLine, number> {
  if (limit <= offset) return 0;
  let rest: Buffer = Buffer.alloc(0);
  let start = offset;
  let number = 0;
  for await (const chunk of createReadStream(path, {
    start: offset,
    end: limit - 1,
  }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let newline = rest.indexOf(10); newline >= 0; newline = rest.indexOf(10, from)) {
      const end = start + newline - from + 1;
      yield { line: decodeLine(rest.toString('utf8', from, newline)), offset: start, end, number: ++number };
      start = end;
      from = newline + 1;
    }
    rest = rest.subarray(from);
  }
  return rest.length;
}

/** A file's name is durable only once its folder is. */
export async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
