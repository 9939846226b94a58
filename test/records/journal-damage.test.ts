import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/records/events.ts';
import { inspectJournal } from '../../src/records/journal/inspect.ts';
import { openJournal, type Journal } from '../../src/records/journal/journal.ts';
import { encodeEvent, encodeHeader } from '../../src/records/journal/line.ts';
import { readerFrom, type Damage } from '../../src/records/journal/reader.ts';
import { linesOf } from '../../src/records/journal/segment.ts';
import { surveyJournal } from '../../src/records/journal/survey.ts';
import { keptLog, quiet } from './support/quiet.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tollbridge-damage-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const event = (n: number): JournalEvent => ({ type: 'answered', at: n, call: `call-${n}` });

/** Events 1 to `count`, a few to a segment. */
async function written(count: number, segmentBytes = 300): Promise<void> {
  const journal = await openJournal({ dir, log: quiet, segmentBytes });
  for (let n = 1; n <= count; n++) await journal.flushed(journal.append(event(n)));
  await journal.close();
}

const segments = async (): Promise<string[]> =>
  (await readdir(dir))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(dir, name));

async function readAll(journal: Pick<Journal, 'reader'>): Promise<{ seqs: number[]; damage: Damage[] }> {
  const reader = journal.reader(0);
  const seqs: number[] = [];
  const damage: Damage[] = [];
  for (let batch = await reader.next(5); ; batch = await reader.next(5)) {
    damage.push(...batch.damage);
    if (batch.entries.length === 0) return { seqs, damage };
    seqs.push(...batch.entries.map(({ seq }) => seq));
  }
}

async function opened(
  work: (journal: Journal, log: ReturnType<typeof keptLog>) => Promise<void>,
): Promise<void> {
  const log = keptLog();
  const journal = await openJournal({ dir, log });
  await work(journal, log).finally(() => journal.close());
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1);

describe('what is none of the journal’s in its folder', () => {
  const kinds: readonly {
    readonly name: string;
    readonly reason: string;
    /** Returns the name of the file that it put there. */
    readonly put: () => Promise<string>;
    /** The number that comes next, where it is not 13. */
    readonly next?: number;
  }[] = [
    {
      name: 'a segment of another journal',
      reason: 'of journal 00000000-0000-4000-8000-000000000000',
      put: async () => {
        await writeFile(
          join(dir, '000000000900.jsonl'),
          encodeHeader('00000000-0000-4000-8000-000000000000', 900),
        );
        return '000000000900.jsonl';
      },
    },
    {
      name: 'a segment of a newer version',
      reason: 'version 2',
      put: async () => {
        const lines = [
          { v: 2, journal: 'x', first: 13 },
          { v: 2, seq: 13 },
          { v: 2, seq: 14 },
        ].map(sealed);
        await writeFile(join(dir, '000000000013.jsonl'), lines.join(''));
        return '000000000013.jsonl';
      },
      // It holds three lines, whatever they mean: their numbers are not given out again.
      next: 16,
    },
    {
      name: 'a copy under another name',
      reason: 'begins at 1 and is called 000000000777.jsonl',
      put: async () => {
        await cp((await segments())[0]!, join(dir, '000000000777.jsonl'));
        return '000000000777.jsonl';
      },
    },
    {
      name: 'a folder in the place of a segment',
      reason: 'a folder',
      put: async () => {
        await mkdir(join(dir, '000000000500.jsonl'));
        return '000000000500.jsonl';
      },
    },
    {
      name: 'an empty segment between others',
      reason: 'empty',
      put: async () => {
        await writeFile(join(dir, '000000000002.jsonl'), '');
        return '000000000002.jsonl';
      },
    },
    {
      name: 'a segment that is nothing of a journal',
      reason: 'nothing of a journal',
      put: async () => {
        await writeFile(join(dir, '000000000002.jsonl'), 'From: somebody\nSubject: something else\n');
        return '000000000002.jsonl';
      },
    },
  ];

  it.each(kinds)('$name is told by verify, goes to quarantine, and the rest is read', async (kind) => {
    await written(12);
    const name = await kind.put();
    const told = { path: join(dir, name), reason: kind.reason };
    expect(await inspectJournal(dir)).toMatchObject({ whole: false, foreign: [told], damage: [] });
    await opened(async (journal, log) => {
      expect(log.lines.map(({ fields }) => fields)).toContainEqual({
        ...{ event: 'journal_quarantined', segment: told.path, reason: told.reason },
        place: join(dir, 'quarantine', name),
      });
      expect((await readAll(journal)).seqs).toEqual(upTo(12));
      expect(journal.append(event(13))).toBe(kind.next ?? 13);
      await journal.flushed();
      expect((await readAll(journal)).seqs.at(-1)).toBe(kind.next ?? 13);
    });
    const after = await inspectJournal(dir);
    expect(after).toMatchObject({ foreign: [], damage: [], quarantined: [name] });
    expect(after.gaps).toEqual(kind.next === undefined ? [] : [{ from: 13, to: kind.next - 1 }]);
  });

  it('a file of another name is told and left alone', async () => {
    await written(3);
    await writeFile(join(dir, 'notes.txt'), 'mine');
    expect(await inspectJournal(dir)).toMatchObject({ whole: true, strangers: ['notes.txt'] });
    await opened((_, log) => {
      expect(log.lines).toContainEqual(
        expect.objectContaining({ fields: { event: 'journal_stranger', file: 'notes.txt' } }),
      );
      return Promise.resolve();
    });
    expect(await readFile(join(dir, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('the journal keeps its name when all of its segments are lost, and when its first header is', async () => {
    await written(3);
    const { journal: id } = await surveyJournal(dir);
    const [first] = await segments();
    await rename(first!, join(dir, 'away'));
    await opened((journal) => {
      expect(journal.id).toBe(id);
      return Promise.resolve();
    });
  });

  it('what is twice in a segment is read once', async () => {
    await written(4, 1_000_000);
    const [only] = await segments();
    const lines = (await readFile(only!, 'utf8')).split('\n');
    await writeFile(only!, [...lines.slice(0, 3), lines[1], lines[2], ...lines.slice(3)].join('\n'));
    await opened(async (journal) => {
      const { seqs, damage } = await readAll(journal);
      expect(seqs).toEqual(upTo(4));
      expect(damage.map(({ reason }) => reason)).toEqual(['number 1 again', 'number 2 again']);
    });
    expect((await inspectJournal(dir)).whole).toBe(false);
  });

  it('a damaged segment is not deleted once it is loaded: it goes to quarantine as it is', async () => {
    await written(12);
    const [first = ''] = await segments();
    const bad = (await readFile(first, 'utf8')).replace('call-1', 'call-9');
    await writeFile(first, bad);
    await opened(async (journal) => {
      expect((await readAll(journal)).damage).toMatchObject([{ segment: first, reason: 'checksum' }]);
      await journal.forget(12);
    });
    expect(await readdir(join(dir, 'quarantine'))).toEqual([basename(first)]);
    expect(await readFile(join(dir, 'quarantine', basename(first)), 'utf8')).toBe(bad);
    expect(await segments()).toHaveLength(1);
  });
});

describe('whatever a disk does to the bytes', () => {
  // So many runs, however long a busy disk takes for them.
  const patience = { timeout: 300_000 };
  it(
    'nothing throws, every sound line is read once and in order, every other one is told',
    patience,
    async () => {
      await written(20);
      const all = await segments();
      const whole = new Map<string, Buffer>();
      for (const path of all) whole.set(path, await readFile(path));
      await fc.assert(
        fc.asyncProperty(
          fc.nat(),
          fc.nat(),
          fc.oneof(fc.constant('flip'), fc.constant('cut'), fc.constant('zeros')),
          async (which, where, how) => {
            const path = all[which % all.length]!;
            const at = where % (whole.get(path)!.length * 8);
            try {
              if (how === 'flip') await flipBit(path, at);
              else if (how === 'cut') await truncate(path, at >>> 3);
              else await writeFile(path, zeroed(whole.get(path)!, at >>> 3));

              const sound = await soundSeqs(all);
              const view = { segments: (await surveyJournal(dir)).segments, durableBytes: Infinity };
              const { seqs } = await readAll({ reader: (from) => readerFrom(from, () => view) });
              expect(seqs).toEqual(sound);
              const found = await inspectJournal(dir);
              const told = found.damage.length + found.foreign.length + found.gaps.length + found.unfinished;
              // A cut between two lines at the end of the last segment leaves a whole journal that is shorter.
              const isShorter = how === 'cut' && path === all.at(-1) && sound.length < 20;
              if (!isShorter && !(await readFile(path)).equals(whole.get(path)!))
                expect(told).toBeGreaterThan(0);
            } finally {
              await writeFile(path, whole.get(path)!);
            }
          },
        ),
        { numRuns: 400 },
      );
    },
  );

  it('a line without an end is not gathered in memory', async () => {
    await written(3, 1_000_000);
    const [only = ''] = await segments();
    const file = await open(only, 'a');
    // A hole: it takes no room on the disk.
    await file.truncate(200 * 1024 * 1024);
    await file.write('\n', 200 * 1024 * 1024);
    await file.close();
    const reasons: string[] = [];
    for await (const { line } of linesOf(only)) if (line.kind === 'bad') reasons.push(line.reason);
    expect(reasons).toEqual(['too long']);
    await opened(async (journal) => expect((await readAll(journal)).seqs).toEqual([1, 2, 3]));
  });
});

async function flipBit(path: string, bit: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  await writeFile(path, bytes);
}

/** A block that was never written, as a crash of the machine may leave it. */
function zeroed(bytes: Buffer, from: number): Buffer {
  const copy = Buffer.from(bytes);
  return copy.fill(0, from, Math.min(copy.length, from + 40));
}

/** The numbers whose lines stand there as they were written. */
async function soundSeqs(paths: readonly string[]): Promise<number[]> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'latin1')));
  const lines = new Set(texts.flatMap((text) => text.split('\n').slice(0, -1)));
  return upTo(20).filter((n) => lines.has(encoded(n)));
}

const encoded = (n: number): string => encodeEvent(n, event(n)).slice(0, -1);

/** A line as this program seals it. */
function sealed(line: object): string {
  const open = JSON.stringify(line).slice(0, -1);
  return `${open},"crc":"${crc32(Buffer.from(open)).toString(16).padStart(8, '0')}"}\n`;
}

/** Bit by bit, as the polynomial is written. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
