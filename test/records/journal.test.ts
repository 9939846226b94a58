import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/records/events.ts';
import { inspectJournal } from '../../src/records/journal/inspect.ts';
import { openJournal, type Journal, type JournalOptions } from '../../src/records/journal/journal.ts';
import { decodeLine, encodeEvent } from '../../src/records/journal/line.ts';
import { lockJournal } from '../../src/records/journal/lock.ts';
import type { Entry } from '../../src/records/journal/reader.ts';
import { keptLog, quiet } from './support/quiet.ts';

let dir: string;
const open_: Journal[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tollbridge-journal-'));
});
afterEach(async () => {
  for (const journal of open_.splice(0)) await journal.close();
  await rm(dir, { recursive: true, force: true });
});

async function opened(options: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = await openJournal({ dir, log: quiet, ...options });
  open_.push(journal);
  return journal;
}

async function closed(journal: Journal): Promise<void> {
  open_.splice(open_.indexOf(journal), 1);
  await journal.close();
}

const event = (n: number): JournalEvent => ({ type: 'answered', at: n, call: `call-${n}` });

async function readAll(journal: Journal, from = 0): Promise<readonly Entry[]> {
  const reader = journal.reader(from);
  const all: Entry[] = [];
  for (let batch = await reader.next(7); batch.entries.length > 0; batch = await reader.next(7))
    all.push(...batch.entries);
  return all;
}

const lastSegment = async () =>
  join(
    dir,
    (await readdir(dir))
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .at(-1)!,
  );

describe('append and read', () => {
  it('numbers events from 1, and gives them back in order once they are durable', async () => {
    const journal = await opened();
    for (let n = 1; n <= 100; n++) expect(journal.append(event(n))).toBe(n);
    await journal.flushed(50);
    expect(journal.stats().durableSeq).toBeGreaterThanOrEqual(50);
    await journal.flushed();
    const entries = await readAll(journal);
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect(entries[41]).toMatchObject({ seq: 42, event: event(42) });
    expect((await readAll(journal, 90)).map((entry) => entry.seq)[0]).toBe(90);
  });

  it('does not lose a line that is appended as another becomes durable', async () => {
    const journal = await opened();
    for (let n = 1; n <= 50; n++) await journal.flushed(journal.append(event(n)));
    expect(journal.stats()).toMatchObject({ lastSeq: 50, durableSeq: 50, waiting: 0 });
    expect((await readAll(journal)).map((entry) => entry.seq)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 1),
    );
  });

  it('a reader goes on where it stopped, while the journal grows and turns over', async () => {
    const journal = await opened({ segmentBytes: 500 });
    const reader = journal.reader(1);
    const seen: number[] = [];
    for (let n = 1; n <= 60; n++) {
      journal.append(event(n));
      if (n % 4 === 0) {
        await journal.flushed();
        const { entries } = await reader.next(3);
        seen.push(...entries.map((entry) => entry.seq));
      }
    }
    for (let batch = await reader.next(3); batch.entries.length > 0; batch = await reader.next(3))
      seen.push(...batch.entries.map((entry) => entry.seq));
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
    expect(journal.stats().segments).toBeGreaterThan(5);
  });

  it('goes on with the next number and the same name after it was closed', async () => {
    const first = await opened();
    first.append(event(1));
    await closed(first);
    const second = await opened();
    expect(second.id).toBe(first.id);
    expect(second.append(event(2))).toBe(2);
    await second.flushed();
    expect((await readAll(second)).length).toBe(2);
    expect(await inspectJournal(dir)).toMatchObject({ whole: true, events: 2, firstSeq: 1, lastSeq: 2 });
  });

  it('is written by one process only', async () => {
    await opened();
    await expect(openJournal({ dir, log: quiet })).rejects.toThrow('one switch to a data directory');
  });

  it('is not kept shut by the lock of a process that died', async () => {
    await writeFile(join(dir, 'lock'), `${process.pid} 1`);
    await opened();
  });

  it('goes to one of many who find the lock of a dead process at once', async () => {
    for (let round = 0; round < 20; round++) {
      // One round in two the starter who cleared it away had died at that, too.
      for (const name of round % 2 === 0 ? ['lock'] : ['lock', 'lock.clearing'])
        await writeFile(join(dir, name), `${process.pid} ${round}`);
      const starters = await Promise.allSettled(Array.from({ length: 12 }, () => lockJournal(dir)));
      const taken = starters.filter((starter) => starter.status === 'fulfilled');
      expect(taken).toHaveLength(1);
      await taken[0]!.value();
      expect(await readdir(dir)).toEqual([]);
    }
  });

  it('deletes whole segments only, and only what is no longer needed', async () => {
    const journal = await opened({ segmentBytes: 400 });
    for (let n = 1; n <= 40; n++) await journal.flushed(journal.append(event(n)));
    await journal.forget(20);
    const [first] = await readAll(journal);
    expect(first!.seq).toBeGreaterThan(10);
    expect(first!.seq).toBeLessThanOrEqual(21);
    await journal.forget(40);
    expect(journal.stats().segments).toBe(1);
    await closed(journal);
    expect((await opened()).append(event(41))).toBe(41);
    expect(await inspectJournal(dir)).toMatchObject({ whole: true });
  });
});

describe('what a crash leaves', () => {
  it('an unfinished last line is cut off and told, wherever it was torn', async () => {
    const journal = await opened();
    for (let n = 1; n <= 3; n++) journal.append(event(n));
    await closed(journal);
    const path = await lastSegment();
    const whole = await readFile(path);
    const lastStart = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let cut = lastStart + 1; cut < whole.length; cut += 5) {
      await writeFile(path, whole.subarray(0, cut));
      const log = keptLog();
      const again = await opened({ log });
      expect(again.stats().lastSeq).toBe(2);
      expect(log.lines.map(({ fields }) => fields)).toContainEqual({
        ...{ event: 'journal_line_torn', segment: path, bytes: cut - lastStart },
      });
      expect(again.append(event(33))).toBe(3);
      await closed(again);
      expect(await inspectJournal(dir)).toMatchObject({ whole: true, events: 3, unfinished: 0 });
    }
  });

  it('a segment that was only just made is made again under the same name', async () => {
    const journal = await opened({ segmentBytes: 200 });
    for (let n = 1; n <= 5; n++) await journal.flushed(journal.append(event(n)));
    await closed(journal);
    await truncate(await lastSegment(), 10);
    const again = await opened();
    expect(again.id).toBe(journal.id);
    expect(await inspectJournal(dir)).toMatchObject({ whole: true });
  });

  it('kill -9 in the middle of appends loses nothing that was said to be durable', async () => {
    const child = spawn(
      process.execPath,
      [
        '--import',
        fileURLToPath(new URL('support/typescript-hook.mjs', import.meta.url)),
        fileURLToPath(new URL('support/appends-for-ever.ts', import.meta.url)),
        dir,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.split('\n').length > 200) break;
    }
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const durable = Number(said.trimEnd().split('\n').slice(0, -1).at(-1));
    expect(durable).toBeGreaterThan(100);
    const journal = await opened();
    const seqs = (await readAll(journal)).map((entry) => entry.seq);
    expect(seqs.length).toBeGreaterThanOrEqual(durable);
    expect(seqs).toEqual(seqs.map((_, n) => n + 1));
    expect(await inspectJournal(dir)).toMatchObject({ whole: true });
  });
});

describe('what a bad disk leaves', () => {
  async function flip(path: string, at: number): Promise<void> {
    const file = await open(path, 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte.writeUInt8((byte.readUInt8() ^ 0x04) & 0xff);
    await file.write(byte, 0, 1, at);
    await file.close();
  }

  it('any single flipped byte is found by verify', async () => {
    const journal = await opened();
    for (let n = 1; n <= 3; n++) journal.append(event(n));
    await closed(journal);
    const path = await lastSegment();
    const { size } = await stat(path);
    for (let at = 0; at < size; at += 3) {
      await flip(path, at);
      const found = await inspectJournal(dir);
      // Losing the very last newline looks like an unfinished line.
      expect(found.whole && found.unfinished === 0, `byte ${at}`).toBe(false);
      await flip(path, at);
    }
    expect((await inspectJournal(dir)).whole).toBe(true);
  });

  it('a damaged line is told, its number is not used again, and the others are read', async () => {
    const journal = await opened();
    for (let n = 1; n <= 5; n++) journal.append(event(n));
    await closed(journal);
    const text = await readFile(await lastSegment(), 'utf8');
    await writeFile(await lastSegment(), text.replace('call-5', 'call-6').replace('call-2', 'call-9'));
    const log = keptLog();
    const again = await opened({ log });
    const damaged = { event: 'journal_line_damaged', segment: await lastSegment(), reason: 'checksum' };
    expect(log.lines).toMatchObject([{ fields: damaged }, { fields: damaged }]);
    expect(again.append(event(6))).toBe(6);
    await again.flushed();
    expect((await readAll(again)).map((entry) => entry.seq)).toEqual([1, 3, 4, 6]);
    const found = await inspectJournal(dir);
    expect(found).toMatchObject({
      whole: false,
      gaps: [
        { from: 2, to: 2 },
        { from: 5, to: 5 },
      ],
    });
    expect(found.damage.map((fault) => fault.reason)).toEqual(['checksum', 'checksum']);
  });

  it('a lost segment is a gap, garbage between lines is damage', async () => {
    const journal = await opened({ segmentBytes: 300 });
    for (let n = 1; n <= 12; n++) await journal.flushed(journal.append(event(n)));
    await closed(journal);
    const names = (await readdir(dir)).filter((name) => name.endsWith('.jsonl')).sort();
    await rm(join(dir, names[1]!));
    await appendFile(join(dir, names[0]!), 'garbage\n');
    const found = await inspectJournal(dir);
    expect(found.gaps).toHaveLength(1);
    expect(found.damage).toMatchObject([{ segment: join(dir, names[0]!), reason: 'checksum' }]);
  });

  it('lines wait in memory, in order, while the disk refuses, and `healthy` tells', async () => {
    const journal = await opened({ segmentBytes: 1, retry: 5 });
    const told: string[] = [];
    journal.watch((what) => told.push(what));
    await journal.flushed(journal.append(event(1)));
    // The next group wants a new segment, whose name is taken by a folder.
    await import('node:fs/promises').then(({ mkdir }) => mkdir(join(dir, '000000000002.jsonl')));
    const unhealthy = new Promise<void>((resolve) => {
      journal.watch((what) => what === 'unhealthy' && resolve());
    });
    journal.append(event(2));
    await unhealthy;
    expect(journal.healthy).toBe(false);
    journal.append(event(3));
    const { waitingSince, ...rest } = journal.stats();
    expect(rest).toMatchObject({ lastSeq: 3, durableSeq: 1, waiting: 2 });
    expect(waitingSince).toBeLessThanOrEqual(performance.now());
    await rm(join(dir, '000000000002.jsonl'), { recursive: true });
    await journal.flushed();
    expect(journal.healthy).toBe(true);
    expect(journal.stats()).toMatchObject({ waiting: 0, waitingSince: null });
    expect(told.filter((what) => what !== 'flushed')).toEqual(['unhealthy', 'healthy']);
    expect((await readAll(journal)).map((entry) => entry.seq)).toEqual([1, 2, 3]);
  });
});

describe('a line', () => {
  it('comes back as it was written, whatever its texts hold', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ unit: 'binary' }), (seq, call) => {
        const line = encodeEvent(seq, { type: 'answered', at: 1, call });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(decodeLine(Buffer.from(line.slice(0, -1)))).toEqual({
          kind: 'event',
          seq,
          event: { type: 'answered', at: 1, call },
          isPlain: !/[\p{Cc}\p{Cs}"\\]/u.test(call),
        });
      }),
    );
  });
});
