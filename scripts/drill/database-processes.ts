/** The processes of the embedded Postgres of a data directory, from outside. */
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** kill -9 of the server; waits for one to kill where it is only just being started again. */
export async function killDatabase(data: string): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    const pid = await postmaster(data);
    if (pid !== null) return signal(pid, 'SIGKILL');
    await pause(10);
  }
  return false;
}

/** Stops every process of it where it stands; returns what lets them go on. */
export async function holdDatabase(data: string): Promise<() => void> {
  const first = await postmaster(data);
  if (first === null) return () => undefined;
  signal(first, 'SIGSTOP');
  const held = [...(await childrenOf(first)), first];
  for (const pid of held) signal(pid, 'SIGSTOP');
  return () => {
    for (const pid of held) signal(pid, 'SIGCONT');
  };
}

/** Null where none lives. A server that was killed leaves its number behind, which may be another process's by now. */
async function postmaster(data: string): Promise<number | null> {
  const folder = join(data, 'postgres');
  const file = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  if (!(pid > 0) || (await statOf(pid))?.name !== 'postgres') return null;
  // The server, and each process of it, works in its folder.
  const worksIn = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  return worksIn !== null && worksIn === (await realpath(folder)) ? pid : null;
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const stats = await Promise.all(pids.map(async (pid) => ({ pid, stat: await statOf(pid) })));
  return stats.flatMap(({ pid, stat }) => (stat?.parent === parent ? [pid] : []));
}

async function statOf(pid: number): Promise<{ readonly name: string; readonly parent: number } | null> {
  const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name, state, parent] = /\((.*)\) (\S) (\d+)/s.exec(facts) ?? [];
  return name === undefined || state === 'Z' ? null : { name, parent: Number(parent) };
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    // It has gone by itself.
    return false;
  }
}
