/** The cores are halved: the far ends get the upper half, whatever is measured the lower. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { promisify } from 'node:util';

const half = Math.max(1, Math.floor(cpus().length / 2));
const list = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, at) => from + at).join(',');

/** As taskset has them: `0,1`. On a machine of one core there is nothing to keep apart. */
export const cores = {
  measured: list(0, half),
  load: cpus().length > 1 ? list(half, cpus().length) : '0',
};

/** How to start a program so that it runs there alone. */
export const pinned = (
  to: keyof typeof cores,
  program: string,
): { readonly program: string; readonly before: readonly string[] } => ({
  program: 'taskset',
  before: ['--cpu-list', cores[to], program],
});

/** Moves all threads of programs that run already. */
export async function pin(pids: readonly number[], to: keyof typeof cores): Promise<void> {
  const run = promisify(execFile);
  for (const pid of pids)
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', cores[to], String(pid)]);
}

/** Of programs that others started: by the name that the kernel knows them by. */
export async function pidsOf(name: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const comm = await readFile(`/proc/${entry}/comm`, 'utf8').catch(() => '');
    if (comm.trim() === name) found.push(Number(entry));
  }
  return found;
}
