/** One writer for a journal: a file that names the process, and when it began, for numbers are given out again. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export class JournalInUse extends Error {
  override readonly name = 'JournalInUse';
}

/** Resolves to what gives it back. Throws JournalInUse where a living process holds it. */
export async function lockJournal(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  const holder = await take(path, (await identityOf(process.pid)) ?? String(process.pid));
  if (holder !== null)
    throw new JournalInUse(`${dir} is written by process ${pidOf(holder)}: one switch to a data directory`);
  return () => rm(path, { force: true });
}

/**
 * Null once it is ours, else the living process that holds it. What a dead one left is cleared away under a lock of its
 * own, by one starter at a time, who looks again first: what stands there by then may be a living successor's.
 */
async function take(path: string, self: string): Promise<string | null> {
  for (;;) {
    if (await create(path, self)) return null;
    const holder = await read(path);
    if (holder === null) continue;
    if (await lives(holder)) return holder;
    const clearing = `${path}.clearing`;
    if ((await take(clearing, self)) !== null) {
      await pause(5);
      continue;
    }
    try {
      if ((await read(path)) === holder) await rm(path);
    } finally {
      await rm(clearing, { force: true });
    }
  }
}

/** A link appears at once and with all its content; a file that is written could be read while it is still empty. */
async function create(path: string, self: string): Promise<boolean> {
  const made = `${path}.${randomUUID()}`;
  await writeFile(made, self, { flag: 'wx', mode: 0o600 });
  try {
    await link(made, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(made, { force: true });
  }
}

/** Null where there is none. */
async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

const pidOf = (holder: string): number => Number(holder.split(' ')[0]);

async function lives(holder: string): Promise<boolean> {
  const pid = pidOf(holder);
  return pid > 0 && (await identityOf(pid)) === holder;
}

/** Null where no such process lives. */
async function identityOf(pid: number): Promise<string | null> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return null;
  }
  const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22 is when the process began; the name in field 2 may hold anything, so count from its closing bracket.
  const began = facts.slice(facts.lastIndexOf(')') + 2).split(' ')[19];
  return `${pid} ${began ?? ''}`;
}
