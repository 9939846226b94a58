/** The running server of a cluster: found by its pid file, started, signalled to stop, and stopped if we are killed. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { clusterPath, type Cluster } from './cluster.ts';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** What the pid file says of a server that lives; null where there is none. */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | null> {
  const text = await readFile(pidFile(cluster), 'utf8').catch(() => '');
  const [pid, , , port] = text.split('\n').map(Number);
  if (!pid || !isAlive(pid)) return null;
  if (!(await isPostgres(pid, cluster))) {
    // A killed server left its file, and the system gave its number to somebody else: Postgres would not dare to start.
    await rm(pidFile(cluster), { force: true });
    return null;
  }
  return { pid, port: port ?? 0 };
}

const pidFile = (cluster: Cluster): string => join(cluster.folder, 'postmaster.pid');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** True where it cannot be told: then the server itself decides. */
async function isPostgres(pid: number, cluster: Cluster): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name, state] = /\((.*)\) (\S)/.exec(facts) ?? [];
  if (name !== undefined && (name !== 'postgres' || state === 'Z')) return false;
  try {
    const [worksIn, folder] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(cluster.folder)]);
    return worksIn.ino === folder.ino && worksIn.dev === folder.dev;
  } catch {
    return true;
  }
}

export interface Launched extends Postmaster {
  /** Settles when the server is gone: its exit code, or the signal that ended it. */
  readonly gone: Promise<string>;
  /** From now on the server outlives us. */
  readonly letLive: () => void;
}

/** Starts the server; it may not take connections yet. */
export async function launch(binaries: Binaries, cluster: Cluster, port: number): Promise<Launched> {
  const log = await openLog(cluster);
  try {
    const server = spawn(binaries.postgres, serverArguments(cluster, port), {
      cwd: cluster.folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      // A session of its own: Ctrl-C on the switch must not take the database from under its drain.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...cluster.account,
    });
    const gone = new Promise<string>((resolve) => {
      server.once('exit', (code, signal) => resolve(signal ?? String(code)));
      server.once('error', (error) => resolve(error.message));
    });
    server.unref();
    if (server.pid === undefined) throw new Error(`Postgres does not start: ${await gone}`);
    const letLive = stopWithUs(server.pid, cluster);
    void gone.then(letLive);
    return { pid: server.pid, port, gone, letLive };
  } finally {
    await log.close();
  }
}

const serverArguments = (cluster: Cluster, port: number): readonly string[] => [
  ...['-D', clusterPath(cluster)],
  ...setting('listen_addresses', '127.0.0.1'),
  ...setting('port', port),
  ...setting('unix_socket_directories', ''),
  ...setting('max_connections', 60),
  ...setting('shared_buffers', '32MB'),
  ...setting('log_min_messages', 'warning'),
  ...setting('jit', 'off'),
];

const setting = (name: string, value: string | number): readonly string[] => ['-c', `${name}=${value}`];

const logLimit = 8 * 1024 * 1024;

async function openLog(cluster: Cluster) {
  const path = logFile(cluster);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logLimit) await rename(path, `${path}.1`);
  return open(path, 'a', 0o600);
}

export const logFile = (cluster: Pick<Cluster, 'folder'>): string =>
  join(dirname(cluster.folder), 'postgres.log');

/**
 * A shell that waits on a pipe from us: when we die, however we die, the pipe ends and the server is told to stop.
 * A line on the pipe lets it live.
 */
function stopWithUs(pid: number, cluster: Cluster): () => void {
  const watch = spawn('/bin/sh', ['-c', 'read -r line || kill -INT "$0"', String(pid)], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...cluster.account,
  });
  watch.unref();
  watch.on('error', () => undefined);
  watch.stdin.on('error', () => undefined);
  if (watch.stdin instanceof Socket) watch.stdin.unref();
  return () => void watch.stdin.end('live\n');
}

/** SIGINT ends its connections and writes a checkpoint; a server that does not come to an end is cut short. */
export async function shutDown(postmaster: Postmaster, cluster: Cluster): Promise<void> {
  const lives = async () => (await findPostmaster(cluster))?.pid === postmaster.pid;
  const slow = AbortSignal.timeout(20_000);
  if (await lives()) signal(postmaster.pid, 'SIGINT');
  while (await lives()) {
    if (slow.aborted) signal(postmaster.pid, 'SIGQUIT');
    await pause(10);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Below the range from which the system takes ports for outgoing connections, so that a restart finds it free again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) return port;
  }
}

export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
