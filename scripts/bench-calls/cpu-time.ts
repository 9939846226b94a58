/** What the kernel counts of programs: CPU time, and datagrams that nobody was in time for. */
import { readFile } from 'node:fs/promises';

/** Ticks of /proc/PID/stat a second: USER_HZ, 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/** Microseconds that a program and all that it started, and still runs, have had the cores; `others` count for themselves. */
export async function cpuMicros(pids: readonly number[], others: readonly number[] = []): Promise<number> {
  const times = await Promise.all((await withChildren(pids, others)).map(ticks));
  return (times.reduce((sum, time) => sum + time, 0) * 1e6) / ticksPerSecond;
}

/** Datagrams that the kernel dropped because a socket's buffer was full, over all sockets of the machine. */
export async function kernelDrops(): Promise<number> {
  const [names = [], values = []] = (await readFile('/proc/net/snmp', 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('RcvbufErrors')] ?? 0);
}

async function ticks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may have anything in it: user and system time are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

async function withChildren(pids: readonly number[], others: readonly number[]): Promise<readonly number[]> {
  const all = new Set(pids);
  for (const pid of all) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    for (const word of children.trim().split(/\s+/)) {
      const child = Number(word);
      if (child > 0 && !others.includes(child)) all.add(child);
    }
  }
  return [...all];
}
