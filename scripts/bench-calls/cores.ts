/** The cores are halved: the far ends get the upper half, whatever is measured the lower. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
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

/** The programs that take TCP on that port of this machine, whoever started them; others of their name are none of ours. */
export async function pidsListeningOn(port: number): Promise<readonly number[]> {
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const isListening = state === '0A';
      if (isListening && Number.parseInt(local.split(':')[1] ?? '', 16) === port)
        sockets.add(`socket:[${inode}]`);
    }
  }
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    if (links.some((link) => sockets.has(link))) found.push(Number(pid));
  }
  return found;
}
