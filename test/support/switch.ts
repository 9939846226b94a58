import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { drachtio, freeswitch, liveChannels, sipPortOf } from './engines.ts';
import { freePort } from './ports.ts';
import { trackingNumber, writeSwitchConfig, type SwitchSetup } from './switch-config.ts';

const command = fileURLToPath(new URL('../../scripts/tollbridge.js', import.meta.url));

/** What `calls --json` says of a call, as far as the tests read it. */
export interface CallSeen {
  id: string;
  sip_call_id: string | null;
  started_at: string;
  ringing_at: string | null;
  answered_at: string | null;
  acknowledged_at: string | null;
  connected_at: string | null;
  bye_at: string | null;
  ended_at: string | null;
  post_dial_delay_ms: number | null;
  from: string | null;
  to: string;
  campaign: string;
  publisher: string;
  source: string | null;
  attributes: Record<string, unknown>;
  outcome: string;
  cause: string;
  attempts: AttemptSeen[];
  buyer: string | null;
  connected_ms: number | null;
  inbound_ms: number;
  media: string;
  codec: string | null;
  rtp: RtpSeen[];
  revenue: string;
  payout: string;
  margin: string;
  payout_reason: string | null;
  table: string;
}

export interface AttemptSeen {
  buyer: string;
  result: string;
  status: number | null;
  sip_call_id: string | null;
  started_at: string;
  ringing_at: string | null;
  answered_at: string | null;
  acknowledged_at: string | null;
  bye_at: string | null;
  ended_at: string;
  post_dial_delay_ms: number | null;
  codec: string | null;
}

export interface RtpSeen {
  leg: number;
  codec: string | null;
  packets_sent: number;
  packets_received: number;
  packets_lost: number;
  jitter_ms: number | null;
}

/** What `payouts --json` says, as far as the tests read it. Money is decimal text. */
export interface PayoutsSeen {
  currencies: {
    currency: string;
    publishers: { publisher: string; payout: string }[];
    buyers: { buyer: string; revenue: string }[];
    revenue: string;
    payout: string;
    margin: string;
  }[];
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a call holds: zero once it has ended. */
const heldByCalls = [
  'tollbridge_live_calls',
  'tollbridge_live_legs',
  'tollbridge_live_endpoints',
  'tollbridge_live_leases',
  'tollbridge_live_timers',
  ...(freeswitch === null ? ['tollbridge_rtp_sockets', 'tollbridge_media_channels'] : []),
  ...(drachtio === null ? ['tollbridge_sip_dialogs'] : []),
];

/** Finished transactions stay for their timers, 32 s (RFC 3261 section 17): zero once those have run out. */
const heldByTimers = drachtio === null ? ['tollbridge_sip_transactions'] : [];

/** The product as a child process, on ports and data of its own. */
export class Switch {
  readonly sip: { readonly host: string; readonly port: number };
  readonly http: string;
  readonly directory: string;
  readonly config: string;
  readonly readyLine: string;
  /** Every line of its log, as written. */
  readonly log: string[];
  readonly #setup: SwitchSetup;
  readonly #trunks: ReadonlyMap<string, number>;
  readonly #process: ChildProcess;
  readonly #exited: Promise<number | NodeJS.Signals>;

  private constructor(parts: {
    setup: SwitchSetup;
    directory: string;
    config: string;
    http: number;
    trunks: ReadonlyMap<string, number>;
    process: ChildProcess;
    exited: Promise<number | NodeJS.Signals>;
    log: string[];
    readyLine: string;
  }) {
    this.sip = { host: '127.0.0.1', port: sipPortOf(parts.readyLine) };
    this.http = `http://127.0.0.1:${parts.http}`;
    this.directory = parts.directory;
    this.config = parts.config;
    this.readyLine = parts.readyLine;
    this.log = parts.log;
    this.#setup = parts.setup;
    this.#trunks = parts.trunks;
    this.#process = parts.process;
    this.#exited = parts.exited;
  }

  /** Resolves when it is ready to take calls. */
  static async start(setup: SwitchSetup): Promise<Switch> {
    const directory = await mkdtemp(join(tmpdir(), 'tollbridge-e2e-'));
    const trunks = new Map<string, number>();
    for (const buyer of Object.keys(setup.buyers)) trunks.set(buyer, await freePort());
    const at = { sip: await freePort(), http: await freePort(), trunks };
    const config = await writeSwitchConfig(directory, setup, at);
    return new Switch({ setup, directory, config, ...at, ...(await served(config, directory, setup)) });
  }

  /** Another process in its place, once it has ended: the same config, ports and data. */
  async again(): Promise<Switch> {
    const { directory, config } = this;
    const at = { sip: this.sip.port, http: Number(new URL(this.http).port), trunks: this.#trunks };
    return new Switch({
      setup: this.#setup,
      directory,
      config,
      ...at,
      ...(await served(config, directory, this.#setup)),
    });
  }

  /** The tracking number of a campaign. */
  number(campaign: string): string {
    const place = Object.keys(this.#setup.campaigns).indexOf(campaign);
    if (place < 0) throw new Error(`no campaign ${campaign} in this setup`);
    return trackingNumber(place);
  }

  get campaigns(): string[] {
    return Object.keys(this.#setup.campaigns);
  }

  /** Where the trunk of a buyer leads. */
  trunkPort(buyer: string): number {
    const port = this.#trunks.get(buyer);
    if (port === undefined) throw new Error(`no buyer ${buyer} in this setup`);
    return port;
  }

  command(...words: string[]): Promise<CommandResult> {
    return tollbridge(...words, '--config', this.config, '--data', join(this.directory, 'data'));
  }

  /** All calls of which the database knows the end, newest first. */
  async calls(...filter: string[]): Promise<CallSeen[]> {
    return (await this.json('calls', '--limit', '100000', ...filter)) as CallSeen[];
  }

  async payouts(): Promise<PayoutsSeen> {
    return (await this.json('payouts')) as PayoutsSeen;
  }

  /** The record of the one call from this number; it reaches the database a moment after its end. */
  async record(from: string, withinMs = 10_000): Promise<CallSeen> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const mine = (await this.calls('--caller', from)).filter((call) => call.ended_at !== null);
      if (mine.length > 1) throw new Error(`${mine.length} records of one call from ${from}`);
      if (mine[0] !== undefined) return mine[0];
      if (performance.now() > deadline)
        throw new Error(`no record of the call from ${from} within ${withinMs} ms`);
    }
  }

  /** Each sample of /metrics, summed over its labels. */
  async metrics(): Promise<Map<string, number>> {
    const text = await (await fetch(`${this.http}/metrics`)).text();
    const sums = new Map<string, number>();
    for (const [, name = '', value] of text.matchAll(/^([a-z_]+)(?:\{[^}]*\})? (\S+)/gm))
      sums.set(name, (sums.get(name) ?? 0) + Number(value));
    return sums;
  }

  /** Resolves when nothing that a call holds is left; throws with what is. */
  async idle(withinMs = 2000, of: 'calls' | 'all' = 'calls'): Promise<void> {
    const names = of === 'calls' ? heldByCalls : [...heldByCalls, ...heldByTimers];
    const deadline = performance.now() + withinMs;
    for (;;) {
      const metrics = await this.metrics();
      const left = names.filter((name) => metrics.get(name) !== 0);
      const channels = freeswitch === null ? 0 : await liveChannels(freeswitch);
      if (left.length === 0 && channels === 0) return;
      if (performance.now() > deadline) {
        const what = left.map((name) => `${name} ${metrics.get(name) ?? 'missing'}`);
        if (channels !== 0) what.push(`channels of FreeSWITCH ${channels}`);
        throw new Error(`not back to zero within ${withinMs} ms: ${what.join(', ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Log lines of level error and above, in pino's numbers. */
  errors(): string[] {
    return this.log.filter((line) => {
      const level = /"level":(?:(\d+)|"(\w+)")/.exec(line);
      if (level === null) return !line.startsWith('{') && line.trim() !== '';
      return Number(level[1] ?? 0) >= 50 || level[2] === 'error' || level[2] === 'fatal';
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** The first event of this name logged after the first `from` lines, with its fields; waits until it comes. */
  async logged(event: string, from = 0, withinMs = 15_000): Promise<Record<string, unknown>> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const line = this.log.slice(from).find((one) => one.includes(`"event":"${event}"`));
      if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
      if (performance.now() > deadline) throw new Error(`${event} was not logged within ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Asks for the drain, and yields the exit code. */
  async stop(): Promise<number | NodeJS.Signals> {
    this.#process.kill('SIGTERM');
    return this.#exited;
  }

  get exited(): Promise<number | NodeJS.Signals> {
    return this.#exited;
  }

  /** After `stop`, or instead of it where a test failed. */
  async discard(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), 15_000);
      await this.#exited;
      clearTimeout(timer);
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  /** What a command that must succeed says with --json. */
  async json(...words: string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.command(...words, '--json');
    if (code !== 0) throw new Error(`tollbridge ${words.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  }
}

/** A process that is ready to take calls. */
async function served(config: string, directory: string, { preload }: SwitchSetup) {
  const child = spawn(
    process.execPath,
    [command, 'serve', '--config', config, '--data', join(directory, 'data')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment(), ...(preload && { NODE_OPTIONS: `--import=${preload.href}` }) },
    },
  );
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? -1));
  });
  const readyLine = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the switch was not ready within 60 s:\n${log.join('\n')}`));
    }, 60_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('tollbridge ready')) return log.push(line);
      clearTimeout(timer);
      resolve(line);
      return undefined;
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`the switch ended (${code}) before it was ready:\n${log.join('\n')}`));
    });
  });
  return { process: child, exited, log, readyLine };
}

/** Runs the command line to its end. */
export async function tollbridge(...words: string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...words],
      { env: environment(), timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

/** Without what the surroundings may say of another switch or database. */
function environment(): NodeJS.ProcessEnv {
  const { DATABASE_URL: _database, TOLLBRIDGE_DATA: _data, TOLLBRIDGE_TOKEN: _token, ...rest } = process.env;
  return { ...rest, NODE_ENV: 'production' };
}
