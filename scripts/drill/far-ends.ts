/** sipp as the carriers and the buyers, for as long as the drill lasts; what it heard is the other side of the books. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/demo/package-root.ts';
import { freeMediaPort } from '../../test/support/ports.ts';
import { sippIn, type SippCommand } from '../../test/support/sipp-command.ts';

/** An INVITE of a caller's, and its final answer. */
export interface Invited {
  /** SIP's Call-ID. */
  readonly call: string;
  /** Milliseconds since the epoch, as all times. */
  readonly at: number;
  readonly answer: { readonly status: number; readonly at: number } | null;
}

export interface Heard {
  /** SIP's Call-IDs of the calls that began, of those answered, and of those refused with 503. */
  readonly began: ReadonlySet<string>;
  readonly answered: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
}

/** One program that plays one scenario; where it dies it is started again, and what it had heard counts. */
export class FarEnd {
  readonly #scenario: string;
  readonly #isCaller: boolean;
  readonly #sipp: SippCommand;
  readonly #directory: string;
  readonly #words: readonly string[];
  #process: ChildProcess | null = null;
  #gone: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #failure: string | null = null;
  #starts = 0;

  private constructor(
    scenario: string,
    sipp: SippCommand,
    directory: string,
    words: readonly string[],
    isCaller: boolean,
    isEndless = true,
  ) {
    this.#scenario = scenario;
    this.#isCaller = isCaller;
    this.#isOver = !isEndless;
    this.#sipp = sipp;
    this.#directory = directory;
    this.#words = words;
  }

  static async caller(given: {
    readonly sipp: SippCommand;
    readonly directory: string;
    readonly to: { readonly port: number; readonly numbers: readonly string[] };
    readonly callsPerSecond: number;
    /** A file beside this one, without its ending; `caller` unless given. */
    readonly scenario?: string;
    /** How many calls; without end unless given. */
    readonly calls?: number;
    /** How long calls of `caller-stays` last, in ms. */
    readonly talk?: number;
    /** What the callers' numbers begin with, up to their last four digits. */
    readonly from?: string;
    /** How many call in turn. Odd, for each to call all of two numbers. */
    readonly people?: number;
  }): Promise<FarEnd> {
    const { sipp, directory, to, callsPerSecond, scenario = 'caller', calls = 100_000_000 } = given;
    const { talk = 0, from = '+1214623', people = 997 } = given;
    await prepare(directory, scenario, talk);
    const lines = Array.from({ length: people }, (_, n) => {
      const number = to.numbers[n % to.numbers.length] ?? '';
      return `${from}${String(n).padStart(4, '0')};${number}`;
    });
    await writeFile(join(directory, 'calls.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`);
    const words = [
      ...[`127.0.0.1:${to.port}`, '-inf', 'calls.csv', '-r', String(callsPerSecond)],
      ...['-m', String(calls), '-l', '2000', '-recv_timeout', '8000', '-trace_shortmsg'],
    ];
    return new FarEnd(scenario, sipp, directory, words, true, given.calls === undefined).#begun();
  }

  static async buyer(given: {
    readonly sipp: SippCommand;
    readonly directory: string;
    readonly port: number;
    /** A file beside this one, without its ending; `buyer` unless given. */
    readonly scenario?: string;
  }): Promise<FarEnd> {
    const { scenario = 'buyer', sipp, directory, port } = given;
    await prepare(directory, scenario);
    return new FarEnd(scenario, sipp, directory, ['-p', String(port)], false).#begun();
  }

  /** Why it cannot be kept alive; null while it can. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Callers begin no more calls; resolves once theirs are over, or nobody comes back to them. */
  async finish(withinMs: number): Promise<void> {
    this.#isOver = true;
    this.#process?.kill('SIGUSR1');
    const late = setTimeout(() => this.#process?.kill('SIGKILL'), withinMs);
    await this.#gone;
    clearTimeout(late);
  }

  async heard(): Promise<Heard> {
    const all = await this.invited();
    const of = (some: readonly Invited[]) => new Set(some.map(({ call }) => call));
    const answeredBy = (status: number) => of(all.filter(({ answer }) => answer?.status === status));
    return { began: of(all), answered: answeredBy(200), refused: answeredBy(503) };
  }

  async invited(): Promise<readonly Invited[]> {
    const all = new Map<string, Invited>();
    for (let start = 1; start <= this.#starts; start++) {
      const trace = await readFile(this.#traceOf(start), 'utf8').catch(() => '');
      for (const line of trace.split('\n')) {
        const [, seconds, direction, call, cseq, first] = line.split('\t').slice(-6);
        if (call === undefined || cseq?.endsWith('INVITE') !== true) continue;
        const at = Number(seconds) * 1000;
        const known = all.get(call);
        if (direction === 'S') all.set(call, known ?? { call, at, answer: null });
        const status = Number(/^SIP\/2\.0 ([2-6]\d\d)/.exec(first ?? '')?.[1]);
        if (direction === 'R' && known?.answer === null && status >= 200)
          all.set(call, { ...known, answer: { status, at } });
      }
    }
    return [...all.values()];
  }

  async #begun(): Promise<this> {
    await this.#start();
    return this;
  }

  #traceOf(start: number): string {
    return join(this.#directory, `heard-${start}.log`);
  }

  async #start(): Promise<void> {
    this.#starts += 1;
    const { program, arguments: before } = sippIn(this.#directory, this.#sipp);
    const mediaPort = await freeMediaPort();
    const child = spawn(
      program,
      [
        ...[...before, ...this.#words, '-sf', `${this.#scenario}.xml`, '-i', '127.0.0.1', '-t', 'u1'],
        ...['-mi', '127.0.0.1', '-mp', String(mediaPort), '-nostdin'],
        ...(this.#isCaller ? ['-shortmessage_file', this.#traceOf(this.#starts)] : []),
      ],
      { cwd: this.#directory, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
    this.#process = child;
    const began = performance.now();
    this.#gone = once(child, 'exit').then(async () => {
      if (this.#isOver) return;
      if (performance.now() - began > 1000) await this.#start();
      else this.#failure = `sipp does not play ${this.#scenario}: ${said}`;
    });
  }
}

async function prepare(directory: string, scenario: string, talk = 0): Promise<void> {
  await mkdir(directory, { recursive: true });
  const text = await readFile(join(packageRoot, 'scripts', 'drill', `${scenario}.xml`), 'utf8');
  await writeFile(join(directory, `${scenario}.xml`), text.replaceAll('[talk]', String(talk)));
}

export function together(all: readonly Heard[]): Heard {
  const of = (which: keyof Heard) => new Set(all.flatMap((one) => [...one[which]]));
  return { began: of('began'), answered: of('answered'), refused: of('refused') };
}
