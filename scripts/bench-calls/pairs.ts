/** sipp as carriers and buyers, in pairs: each caller's calls end at the buyer of the same place. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../src/demo/package-root.ts';
import { freeMediaPort, freePort } from '../../test/support/ports.ts';
import { pinned } from './cores.ts';

/** What callers dial, one for each pair, and where to. */
export interface Target {
  readonly ports: readonly number[];
  readonly numbers: readonly string[];
  /** A menu answers, and puts through who presses 1. */
  readonly menu?: boolean;
}

export interface Step {
  /** Calls a second that were begun, all pairs together. */
  readonly asked: number;
  /** Calls a second that came to their end as written. */
  readonly completed: number;
  readonly calls: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly seconds: number;
}

/** How long a call stays once it is answered, ms. */
const talk = 200;
/** And once it has pressed a key, which takes some 200 ms: the buyer is yet to be called. */
const talkAfterKey = 1_500;
/** How often sipp writes its statistics, ms. */
const buyersWriteEvery = 1_000;
/** How long the last calls of a step may take to end, s. */
const grace = 8;

export class Pairs {
  /** Where the buyers listen, one a pair. */
  readonly buyers: readonly number[];
  readonly #directory: string;
  readonly #processes: readonly ChildProcess[];
  readonly #callers = new Set<number>();

  private constructor(directory: string, buyers: readonly number[], processes: readonly ChildProcess[]) {
    this.#directory = directory;
    this.buyers = buyers;
    this.#processes = processes;
  }

  static async start(count: number): Promise<Pairs> {
    const directory = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
    for (const name of ['caller.xml', 'menu-caller.xml', 'buyer.xml', 'live-caller.xml'])
      await copyFile(join(packageRoot, 'scripts', 'bench-calls', name), join(directory, name));
    const ports: number[] = [];
    const processes: ChildProcess[] = [];
    for (let pair = 0; pair < count; pair++) {
      const port = await freePort();
      const media = await freeMediaPort();
      ports.push(port);
      processes.push(
        sipp(directory, [
          ...['-sf', 'buyer.xml', '-p', String(port), '-mp', String(media), '-rtp_echo'],
          ...['-max_socket', '5000', '-trace_stat', '-fd', '1'],
        ]),
      );
    }
    return new Pairs(directory, ports, processes);
  }

  /** Where far ends take SIP at the moment. */
  sipPorts(): readonly number[] {
    return [...this.buyers, ...this.#callers];
  }

  /** Calls at a steady rate for so long; resolves once the last of them is over, or given up. */
  async callAtRate(target: Target, perSecond: number, seconds: number): Promise<Step> {
    const share = perSecond / this.buyers.length;
    const heard = target.menu ? await this.#countReached() : null;
    const each = await Promise.all(
      this.buyers.map((_, pair) =>
        this.#caller(target, pair, {
          scenario: target.menu ? 'menu-caller.xml' : 'caller.xml',
          calls: Math.round(share * seconds),
          words: [
            ...['-r', String(Math.round(share * 100)), '-rp', '100000'],
            ...['-d', String(target.menu ? talkAfterKey : talk)],
          ],
          withinSeconds: seconds + grace,
        }),
      ),
    );
    const sum = (of: (one: CallerSaid) => number) => each.reduce((all, one) => all + of(one), 0);
    const longest = Math.max(...each.map(({ begunWithin }) => begunWithin));
    const ended = sum(({ completed }) => completed);
    const completed = heard ? Math.min(ended, await heard(ended)) : ended;
    return {
      asked: sum(({ begun }) => begun) / longest,
      completed: completed / longest,
      calls: Math.round(share * seconds) * this.buyers.length,
      failed: sum(({ begun }) => begun) - completed,
      retransmissions: sum(({ retransmissions }) => retransmissions),
      seconds: longest,
    };
  }

  /** So many calls at once that send and hear audio all the while; `during` is run in the middle of them. */
  async talk(target: Target, calls: number, seconds: number, during: () => Promise<void>): Promise<number> {
    const share = Math.ceil(calls / this.buyers.length);
    const setUp = 4;
    const all = Promise.all(
      this.buyers.map((_, pair) =>
        this.#caller(target, pair, {
          scenario: 'live-caller.xml',
          calls: share,
          words: ['-r', String(Math.ceil(share / setUp)), '-d', String((seconds + setUp) * 1_000)],
          withinSeconds: seconds + 2 * setUp + grace,
        }),
      ),
    );
    await pause((setUp + 1) * 1_000);
    await during();
    return (await all).reduce((sum, { completed }) => sum + completed, 0);
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }

  /**
   * A caller whom a menu answered cannot tell whether there was a buyer: the buyers do. Resolves, once they have written
   * down what was, to a count of the calls that they have had to the end since, as soon as it is what is expected.
   */
  async #countReached(): Promise<(expected: number) => Promise<number>> {
    const all = async () => {
      const files = (await readdir(this.#directory)).filter((name) => /^buyer_.*_\.csv$/.test(name));
      const texts = files.map((name) => readFile(join(this.#directory, name), 'utf8'));
      return (await Promise.all(texts)).reduce((sum, text) => sum + saidIn(text).completed, 0);
    };
    await pause(1.5 * buyersWriteEvery);
    const before = await all();
    return async (expected) => {
      for (let times = 0; times < 8 && (await all()) - before < expected; times++)
        await pause(buyersWriteEvery / 4);
      return (await all()) - before;
    };
  }

  async #caller(
    { ports, numbers }: Target,
    pair: number,
    run: {
      readonly scenario: string;
      readonly calls: number;
      readonly words: readonly string[];
      readonly withinSeconds: number;
    },
  ): Promise<CallerSaid> {
    const directory = await mkdtemp(join(this.#directory, 'caller-'));
    await mkdir(directory, { recursive: true });
    await copyFile(join(this.#directory, run.scenario), join(directory, run.scenario));
    // Every caller is somebody else: nobody is a duplicate, and tables by caller grow as they would.
    const lines = Array.from({ length: 5_000 }, (_, n) => {
      const digits = String(2_000_000 + ((pair * 5_000 + n * 7_919) % 7_000_000));
      return `${numbers[pair % numbers.length] ?? ''};${digits};`;
    });
    await writeFile(join(directory, 'calls.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`);
    if (run.scenario === 'live-caller.xml') await writeFile(join(directory, 'tone.ul'), halfASecondOfTone());
    const port = await freePort();
    this.#callers.add(port);
    const child = sipp(directory, [
      ...[`127.0.0.1:${ports[pair % ports.length] ?? 0}`, '-sf', run.scenario, '-inf', 'calls.csv'],
      ...['-p', String(port), '-mp', String(await freeMediaPort())],
      ...['-m', String(run.calls), '-l', '100000', ...run.words],
      ...['-recv_timeout', '5000', '-timeout', String(run.withinSeconds), '-max_socket', '5000'],
      ...['-trace_stat', '-fd', '1'],
    ]);
    await once(child, 'exit');
    this.#callers.delete(port);
    const file = (await readdir(directory)).find((name) => name.endsWith('_.csv'));
    const text = file === undefined ? '' : await readFile(join(directory, file), 'utf8');
    await rm(directory, { recursive: true, force: true });
    return saidIn(text);
  }
}

interface CallerSaid {
  readonly begun: number;
  readonly completed: number;
  readonly retransmissions: number;
  /** Seconds until the last call had begun. */
  readonly begunWithin: number;
}

/** sipp's own statistics, a line a second; the last is of the whole run. */
function saidIn(csv: string): CallerSaid {
  const [names = [], ...rows] = csv
    .trim()
    .split('\n')
    .map((line) => line.split(';'));
  const figure = (row: readonly string[] | undefined, name: string) =>
    Number(row?.[names.indexOf(name)] ?? 0);
  const last = rows.at(-1);
  const begun = figure(last, 'TotalCallCreated');
  const full = rows.find((row) => figure(row, 'TotalCallCreated') >= begun);
  return {
    begun,
    completed: figure(last, 'SuccessfulCall(C)'),
    retransmissions: figure(last, 'Retransmissions(C)'),
    begunWithin: Math.max(1, elapsed(full?.[names.indexOf('ElapsedTime(C)')] ?? '')),
  };
}

/** `00:00:05` or `00:00:05:012000`, in seconds. */
function elapsed(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0, micros = 0] = text.split(':').map(Number);
  return hours * 3_600 + minutes * 60 + seconds + micros / 1e6;
}

/** None of them outlives the bench. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function sipp(directory: string, words: readonly string[]): ChildProcess {
  const { program, before } = pinned('load', 'sipp');
  const child = spawn(
    program,
    [...before, ...words, '-i', '127.0.0.1', '-mi', '127.0.0.1', '-t', 'u1', '-nostdin'],
    {
      cwd: directory,
      stdio: 'ignore',
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** G.711 µ-law, 8,000 octets a second. */
const halfASecondOfTone = () => Uint8Array.from({ length: 4_000 }, (_, at) => (at % 8 < 4 ? 0x90 : 0x10));
