/** One writer for a journal: a file that names the process, and when it began, for numbers are given out again. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Resolves to what gives it back. Throws where a living process holds it. */
export async function lockJournal(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  const self = await identityOf(process.pid);
  for (;;) {
    try {
      await writeFile(path, self ?? String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = await readFile(path, 'utf8').catch(() => '');
    const pid = Number(holder.split(' ')[0]);
    if (pid > 0 && (await identityOf(pid)) === holder)
      throw new Error(`${dir} is written by process ${pid}: one switch to a data directory`);
    await rm(path, { force: true });
  }
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
