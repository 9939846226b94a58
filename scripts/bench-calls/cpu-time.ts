/** What the kernel counts of programs: CPU time, and datagrams that nobody was in time for. */
import { readFile } from 'node:fs/promises';

/** Ticks of /proc/PID/stat a second: USER_HZ, 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/** Microseconds that a program and all that it started, and still runs, have had the cores; `others` count for themselves. */
export async function cpuMicros(pids: readonly number[], others: readonly number[] = []): Promise<number> {
  const times = await Promise.all((await withChildren(pids, others)).map(ticks));
  return (times.reduce((sum, time) => sum + time, 0) * 1e6) / ticksPerSecond;
}

/**
 * Datagrams that the kernel dropped because the buffer of one of these sockets was full, each looked at while it is there
 * (a far end's goes with it). Media sockets are nobody's business here: who calls for 200 ms does not read his.
 */
export async function countDrops(ports: () => Iterable<number>): Promise<() => Promise<number>> {
  const before = await dropsBySocket(new Set(ports()));
  const seen = new Map<string, number>();
  const look = async () => {
    for (const [socket, drops] of await dropsBySocket(new Set(ports())))
      seen.set(socket, drops - (before.get(socket) ?? 0));
  };
  const timer = setInterval(() => void look(), 250);
  return async () => {
    clearInterval(timer);
    await look();
    return [...seen.values()].reduce((sum, one) => sum + one, 0);
  };
}

/** /proc/net/udp: the port in hexadecimal, the inode that names the socket, and in the last column what it dropped. */
async function dropsBySocket(ports: ReadonlySet<number>): Promise<ReadonlyMap<string, number>> {
  const lines = (await readFile('/proc/net/udp', 'utf8')).trim().split('\n').slice(1);
  return new Map(
    lines
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => ports.has(Number.parseInt(words[1]?.split(':')[1] ?? '', 16)))
      .map((words) => [words[9] ?? '', Number(words.at(-1))]),
  );
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
