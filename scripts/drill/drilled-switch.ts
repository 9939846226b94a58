/** The real switch on one data directory, killed and started again as often as it takes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/demo/package-root.ts';
import { sipPortOf } from '../../test/support/engines.ts';
import { tollbridge } from './command.ts';

export interface LiveCall {
  readonly state: string;
  readonly from: string | null;
  readonly campaign: string;
}

/** What the API says of a call that is over, as far as the drills read it. */
export interface RecordedCall {
  readonly from: string | null;
  readonly campaign: string;
  readonly started_at: string;
  readonly answered_at: string | null;
  readonly connected_at: string | null;
  readonly ended_at: string;
  readonly cause: string;
  readonly buyer: string | null;
  readonly attempts: readonly {
    readonly buyer: string;
    readonly result: string;
    readonly status: number | null;
  }[];
}

export class DrilledSwitch {
  readonly data: string;
  readonly #config: string;
  readonly #http: string;
  readonly #env: Readonly<Record<string, string>>;
  /** Faults that it told of, over all its lives. */
  readonly defects: string[] = [];
  /** The last it said, for the report of a failure. */
  readonly #said: string[] = [];
  #process: ChildProcess | null = null;
  #table = '';
  #sipPort = 0;
  #lost = 0;

  constructor(at: {
    readonly directory: string;
    readonly config: string;
    readonly http: string;
    readonly env?: Readonly<Record<string, string>>;
  }) {
    this.data = join(at.directory, 'data');
    this.#config = at.config;
    this.#http = at.http;
    this.#env = at.env ?? {};
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('the switch does not run');
    return pid;
  }

  /** The hash of the table that it routes by. */
  get table(): string {
    return this.#table;
  }

  /** Where it takes calls, by UDP on 127.0.0.1. */
  get sipPort(): number {
    return this.#sipPort;
  }

  /** Calls of killed lives that its starts ended. */
  get lost(): number {
    return this.#lost;
  }

  /** Resolves, once it takes calls, to the milliseconds that took. */
  async start(): Promise<number> {
    const began = performance.now();
    const script = join(packageRoot, 'scripts', 'tollbridge.js');
    const { DATABASE_URL: _database, TOLLBRIDGE_DATA: _data, TOLLBRIDGE_TOKEN: _token, ...env } = process.env;
    const child = spawn(process.execPath, [script, 'serve', '--config', this.#config, '--data', this.data], {
      ...{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...this.#env, NODE_ENV: 'production' } },
    });
    this.#process = child;
    createInterface({ input: child.stderr }).on('line', (line) => this.#hear(line));
    const ready = new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).on('line', resolve);
    });
    const died = once(child, 'exit').then(([code, signal]) => {
      throw new Error(
        `the switch ended (${String(code ?? signal)}) before it was ready:\n${this.#said.join('\n')}`,
      );
    });
    const late = AbortSignal.timeout(120_000);
    const timeout = once(late, 'abort').then(() => {
      throw new Error(`the switch was not ready within two minutes:\n${this.#said.join('\n')}`);
    });
    const line = await Promise.race([ready, died, timeout]);
    died.catch(() => undefined);
    timeout.catch(() => undefined);
    this.#table = / table (\w+)/.exec(line)?.[1] ?? '';
    this.#sipPort = sipPortOf(line);
    return performance.now() - began;
  }

  /** kill -9; resolves once nothing of it is left. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#process = null;
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    child.kill('SIGKILL');
    await gone;
  }

  /** As a supervisor would; resolves to its exit code. */
  async stop(): Promise<unknown> {
    const child = this.#process;
    if (!child) return null;
    this.#process = null;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await gone) as [unknown];
    return code;
  }

  async live(): Promise<readonly LiveCall[]> {
    return (await (await this.#ask('/api/v1/calls/live')).json()) as readonly LiveCall[];
  }

  /** Those that began then or later and are on record, newest first. Rejects where the switch cannot say. */
  async records(since: Date): Promise<readonly RecordedCall[]> {
    const all: RecordedCall[] = [];
    for (let cursor = ''; ;) {
      const query = `since=${since.toISOString()}&limit=100${cursor && `&cursor=${cursor}`}`;
      const answer = await this.#ask(`/api/v1/calls?${query}`);
      if (!answer.ok) throw new Error(`no records: ${answer.status} ${await answer.text()}`);
      const page = (await answer.json()) as {
        readonly items: readonly RecordedCall[];
        readonly next: string | null;
      };
      all.push(...page.items);
      if (page.next === null) return all;
      cursor = page.next;
    }
  }

  async isReady(): Promise<boolean> {
    return (await this.#ask('/readyz')).status === 200;
  }

  /** Each sample of /metrics, summed over its labels. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await this.#ask('/metrics')).text();
    const sums = new Map<string, number>();
    for (const [, name = '', value] of text.matchAll(/^([a-z_]+)(?:\{[^}]*\})? (\S+)/gm))
      sums.set(name, (sums.get(name) ?? 0) + Number(value));
    return sums;
  }

  command(...words: readonly string[]): ReturnType<typeof tollbridge> {
    return tollbridge(...words, '--config', this.#config, '--data', this.data);
  }

  #ask(path: string): Promise<Response> {
    return fetch(`${this.#http}${path}`, { signal: AbortSignal.timeout(10_000) });
  }

  #hear(line: string): void {
    this.#said.push(line);
    if (this.#said.length > 40) this.#said.shift();
    const said = asEvent(line);
    if (said.event === 'lost_calls_closed') this.#lost += said.calls ?? 0;
    else if (said.event === undefined || said.event === 'defect') this.defects.push(line);
  }
}

/** What is neither JSON nor has a name is a fault; of pino's lines with a message, the message is the name. */
function asEvent(line: string): { readonly event?: string; readonly calls?: number } {
  try {
    const { event, msg, calls } = JSON.parse(line) as { event?: string; msg?: string; calls?: number };
    const name = event ?? msg;
    return { ...(name !== undefined && { event: name }), ...(calls !== undefined && { calls }) };
  } catch {
    return {};
  }
}
