/**
 * Kamailio's drouting over the same numbers: one rule for each, pointing at the list of its campaign's buyers, who are its
 * gateways. It knows no hours of buyers, caps, conditions or concurrency; it finds the list and draws the order.
 *
 * Its benchmark module times do_routing in a loop within one request, which brings the numbers; the times come back
 * in the reply.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { figuresOf, type Figures } from './figures.ts';
import { kamailioConfig, modules } from './kamailio-config.ts';

export const install = 'apt-get install kamailio kamailio-postgres-modules';

/** The modules' folder; null where Kamailio or one of them is not installed. */
export function findKamailio(): { readonly binary: string; readonly folder: string } | null {
  const binary = ['/usr/sbin/kamailio', '/usr/local/sbin/kamailio'].find((path) => existsSync(path));
  const folder = [
    '/usr/lib/x86_64-linux-gnu/kamailio/modules',
    '/usr/lib/aarch64-linux-gnu/kamailio/modules',
    '/usr/lib64/kamailio/modules',
    '/usr/local/lib64/kamailio/modules',
  ].find((path) => modules.every((name) => existsSync(join(path, `${name}.so`))));
  return binary === undefined || folder === undefined ? null : { binary, folder };
}

export interface KamailioOptions {
  readonly binary: string;
  readonly folder: string;
  /** postgres:// */
  readonly database: string;
  /** dr_gateways, dr_rules … are looked for under this name in front. */
  readonly tables: string;
  /** How much memory it may share between its processes; what it does not touch it does not take. */
  readonly sharedMegabytes: number;
}

export class Kamailio {
  readonly #process: ChildProcess;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #folder: string;
  #requests = 0;
  /** From its start to its first answer. */
  readonly seconds: number;

  private constructor(
    parts: { process: ChildProcess; socket: Socket; port: number; folder: string },
    began: number,
  ) {
    this.#process = parts.process;
    this.#socket = parts.socket;
    this.#port = parts.port;
    this.#folder = parts.folder;
    this.seconds = (performance.now() - began) / 1_000;
  }

  static async start({
    binary,
    folder: modulesFolder,
    database,
    tables,
    sharedMegabytes,
  }: KamailioOptions): Promise<Kamailio> {
    const folder = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const port = await freePort();
    const file = join(folder, 'kamailio.cfg');
    await writeFile(file, kamailioConfig({ folder: modulesFolder, database, tables, port }), { mode: 0o600 });
    const began = performance.now();
    const flags = ['-f', file, '-DD', '-E', '-m', `${sharedMegabytes}`, '-M', '64', '-Y', folder];
    // A group of its own: on its way out Kamailio signals everybody in its group.
    const child = spawn(binary, flags, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    process.once('exit', () => killGroup(child));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
    for (let asked = 0; !(await answers(socket, port, `start-${asked}`)); asked++) {
      if (child.exitCode !== null) throw new Error(`kamailio did not start: ${said}`);
    }
    return new Kamailio({ process: child, socket, port, folder }, began);
  }

  /** Megabytes of all its processes, what they share counted once. */
  async megabytes(): Promise<number> {
    const own = this.#process.pid ?? 0;
    const children = await readFile(`/proc/${own}/task/${own}/children`, 'utf8');
    const pids = [own, ...children.trim().split(/\s+/).map(Number)];
    const sizes = await Promise.all(pids.map(proportionalSize));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Times do_routing for each number; `found` tells for how many it knew gateways. */
  async route(numbers: readonly string[]): Promise<{ readonly figures: Figures; readonly found: number }> {
    const times: number[] = [];
    const idle: number[] = [];
    let found = 0;
    for (let from = 0; from < numbers.length; from += numbersAtOnce) {
      const some = numbers.slice(from, from + numbersAtOnce);
      const reply = await this.#ask(some);
      times.push(...listOf(reply, 'X-Times'));
      idle.push(...listOf(reply, 'X-Idle'));
      found += Number(/^X-Found: (\d+)/m.exec(reply)?.[1] ?? 0);
    }
    const clock = idle.reduce((sum, time) => sum + time, 0) / idle.length;
    const figures = figuresOf(Float64Array.from(times));
    const mean = Math.max(0, figures.mean - clock);
    return { figures: { ...figures, mean, perSecond: 1e6 / mean }, found };
  }

  async stop(): Promise<void> {
    this.#socket.close();
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      killGroup(this.#process);
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ask(numbers: readonly string[]): Promise<string> {
    const request = `bench-${++this.#requests}`;
    const digits = numbers.map((number) => number.slice(1)).join(',');
    const extra = `X-Count: ${numbers.length}\r\nX-Numbers: ${digits}\r\n`;
    this.#socket.send(
      options(request, this.#socket.address().port, this.#port, extra),
      this.#port,
      '127.0.0.1',
    );
    const reply = await answerTo(this.#socket, `${request}\r\n`, 30_000);
    if (reply === null) throw new Error('kamailio does not answer');
    return reply;
  }
}

/** At once: it has nothing to keep, and an orderly end walks through all of its memory. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  process.kill(-pid, 'SIGKILL');
}

/** As many as fit a datagram, there and back. */
const numbersAtOnce = 1_000;

function options(id: string, from: number, to: number, extra: string): string {
  return [
    `OPTIONS sip:bench@127.0.0.1:${to} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${from};branch=z9hG4bK${id}`,
    `From: <sip:bench@127.0.0.1>;tag=${id}`,
    `To: <sip:bench@127.0.0.1:${to}>`,
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    `${extra}Content-Length: 0`,
    '',
    '',
  ].join('\r\n');
}

/** Requests wait in its socket while it loads: the first is answered as soon as it can. */
async function answers(socket: Socket, port: number, id: string): Promise<boolean> {
  socket.send(options(id, socket.address().port, port, ''), port, '127.0.0.1');
  return (await answerTo(socket, 'start-', 50)) !== null;
}

/** The next reply to a request whose Call-ID begins so; null where none comes in time. */
async function answerTo(socket: Socket, id: string, ms: number): Promise<string | null> {
  let take: (message: Buffer) => void = () => undefined;
  const answer = new Promise<string>((resolve) => {
    take = (message) => {
      if (message.includes(`Call-ID: ${id}`)) resolve(message.toString());
    };
    socket.on('message', take);
  });
  const late = new AbortController();
  try {
    return await Promise.race([answer, pause(ms, null, { signal: late.signal })]);
  } finally {
    late.abort();
    socket.off('message', take);
  }
}

function listOf(reply: string, header: string): number[] {
  const line = new RegExp(`^${header}: ([\\d,]*)`, 'm').exec(reply)?.[1] ?? '';
  return line
    .split(',')
    .filter((text) => text !== '')
    .map(Number);
}

async function proportionalSize(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1_000;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
