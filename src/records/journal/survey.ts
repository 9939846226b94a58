/**
 * What lies in the folder of a journal. A bad disk, a hasty restore or a downgrade may leave what has the name of a
 * segment and is none of this journal's; a file of any other name is nobody's business but is told of.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { firstOf, linesOf, type Segment } from './segment.ts';

interface Survey {
  /** Null where nothing says how the journal is called. */
  readonly journal: string | null;
  /** Oldest first. */
  readonly segments: readonly Segment[];
  /** They have the names of segments. */
  readonly foreign: readonly Foreign[];
  /** Names of other files; they are left alone. */
  readonly strangers: readonly string[];
  /** What was moved away before. */
  readonly quarantined: readonly string[];
}

interface Foreign extends Segment {
  /** `of journal 4f…`, `version 2`, `empty`, `a folder`, … */
  readonly reason: string;
  /** It may be a segment of this journal that cannot be read: its numbers, up to this one, are taken. */
  readonly lastTaken: number;
}

/** The file that keeps the journal's name: its segments come and go. */
export const nameFile = (dir: string): string => join(dir, 'name');
export const quarantineOf = (dir: string): string => join(dir, 'quarantine');

/** Throws where the folder cannot be read. */
export async function surveyJournal(dir: string): Promise<Survey> {
  const names = await readdir(dir);
  const found: Segment[] = names
    .flatMap((name) => {
      const first = firstOf(name);
      return first === null ? [] : [{ path: join(dir, name), first }];
    })
    .sort((a, b) => a.first - b.first);
  const looks = await Promise.all(found.map((segment, index) => lookAt(segment, index === found.length - 1)));
  const journal = (await nameOf(dir)) ?? looks.findLast(({ names: name }) => name !== null)?.names ?? null;
  const foreign = looks.flatMap((look): Foreign[] => {
    const { segment, names: named, unreadable } = look;
    if (unreadable) return [{ ...segment, ...unreadable }];
    return named === null || named === journal
      ? []
      : [{ ...segment, reason: `of journal ${named}`, lastTaken: 0 }];
  });
  const paths = new Set(foreign.map(({ path }) => path));
  return {
    journal,
    segments: found.filter(({ path }) => !paths.has(path)),
    foreign,
    strangers: names.filter((name) => firstOf(name) === null && !known.test(name)),
    quarantined: await readdir(quarantineOf(dir)).catch(() => []),
  };
}

const known = /^(lock.*|name|quarantine)$/;

async function nameOf(dir: string): Promise<string | null> {
  const name = await readFile(nameFile(dir), 'utf8').catch(() => '');
  return /^([0-9a-f-]{36})\n$/.exec(name)?.[1] ?? null;
}

interface Look {
  readonly segment: Segment;
  /** The journal that its header names; null where that cannot be read. */
  readonly names: string | null;
  /** Where it is no segment, whatever the journal is called. */
  readonly unreadable: Pick<Foreign, 'reason' | 'lastTaken'> | null;
}

/** One that was only just being made when the switch was killed holds no complete line: it is made again. */
async function lookAt(segment: Segment, isLast: boolean): Promise<Look> {
  const no = (reason: string, lastTaken = 0): Look => ({
    ...{ segment, names: null },
    unreadable: { reason, lastTaken },
  });
  const yes = (names: string | null): Look => ({ segment, names, unreadable: null });
  const facts = await stat(segment.path).catch(() => null);
  if (facts?.isFile() !== true) return no(facts?.isDirectory() === true ? 'a folder' : 'no file');
  let lines = 0;
  let reason = facts.size === 0 ? 'empty' : 'nothing of a journal';
  for await (const { line } of linesOf(segment.path)) {
    lines += 1;
    if (line.kind === 'event') return yes(null);
    if (line.kind === 'bad' && line.reason.startsWith('version')) reason = line.reason;
    if (line.kind !== 'header') continue;
    if (line.first === segment.first) return yes(line.journal);
    return no(`begins at ${line.first} and is called ${basename(segment.path)}`);
  }
  return lines === 0 && isLast ? yes(null) : no(reason, segment.first + lines - 1);
}
