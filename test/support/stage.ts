import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFailed, onTestFinished } from 'vitest';
import { RtpPeer, type RtpPeerOptions } from './rtp-peer.ts';
import { Sipp, type SippOptions } from './sipp.ts';
import type { SipMessage } from './sip-trace.ts';
import { ledgerTotals, recordTotals } from './ledger.ts';
import { Switch, type CallSeen } from './switch.ts';
import { tones, type SwitchSetup } from './switch-config.ts';
import { sine } from './tone.ts';

/** One side of a call: SIP by sipp, RTP by a socket of the test. */
export class FarEnd {
  readonly sip: Sipp;
  readonly rtp: RtpPeer;
  /** What a caller calls from. */
  readonly number: string;

  constructor(sip: Sipp, rtp: RtpPeer, number: string) {
    this.sip = sip;
    this.rtp = rtp;
    this.number = number;
  }

  /** Waits for the SDP in this message, and sends audio there from now on. */
  async hears(wanted: 'INVITE' | 180 | 183 | 200, withinMs = 8000): Promise<SipMessage> {
    const message = await this.sip.message(
      (one) => one.direction === 'received' && (one.status ?? one.method) === wanted && one.body !== '',
      `${wanted} with SDP`,
      withinMs,
    );
    this.rtp.follow(message.body);
    return message;
  }
}

export interface CallerOptions extends Omit<SippOptions, 'scenario' | 'to' | 'port'> {
  /** The campaign whose tracking number is called. */
  campaign?: string;
  /** A number, where it is that of no campaign. */
  number?: string;
  /** The From URI; a number of the caller's own unless given. */
  from?: string;
  rtp?: RtpPeerOptions;
  /** Further keys, where they depend on the RTP port. */
  keysOf?: (rtp: RtpPeer) => Record<string, string>;
}

export interface BuyerOptions extends Omit<SippOptions, 'scenario' | 'to' | 'port'> {
  rtp?: RtpPeerOptions;
}

const mustBeZero = ['tollbridge_journal_gaps', 'tollbridge_loader_rejects'] as const;

/** A switch for the tests of one file, and the far ends of each test. */
export class Stage {
  #running: Switch | undefined;
  #nextCaller = 0;
  #expected: RegExp[] = [];

  get switch(): Switch {
    if (this.#running === undefined) throw new Error('the switch runs only while tests do');
    return this.#running;
  }

  async open(setup: SwitchSetup): Promise<void> {
    this.#running = await Switch.start(setup);
  }

  /** Another process in place of the switch, which has ended. */
  async again(): Promise<void> {
    this.#running = await this.switch.again();
  }

  /** Plays a scenario of test/sipp as a caller, by way of the carrier. */
  async caller(scenario: string, options: CallerOptions = {}): Promise<FarEnd> {
    const { campaign, number, from, rtp, keys, keysOf, ...rest } = options;
    const peer = await RtpPeer.open(rtp ?? {});
    onTestFinished(() => peer.close());
    const mine = `+1214623${String(this.#nextCaller++).padStart(4, '0')}`;
    const to = number ?? this.switch.number(campaign ?? this.#onlyCampaign());
    const sipp = await this.#start({
      ...rest,
      scenario,
      to: { ...this.switch.sip, number: to },
      keys: { sdp: bodyOf(peer), from: from ?? `sip:${mine}@127.0.0.1`, ...keys, ...keysOf?.(peer) },
    });
    return new FarEnd(sipp, peer, mine);
  }

  /** Plays a scenario of test/sipp as a buyer, on the trunk of that buyer. */
  async buyer(buyer: string, scenario: string, options: BuyerOptions = {}): Promise<FarEnd> {
    const { rtp, keys, ...rest } = options;
    const peer = await RtpPeer.open(rtp ?? {});
    onTestFinished(() => peer.close());
    const sipp = await this.#start({
      ...rest,
      scenario,
      port: this.switch.trunkPort(buyer),
      keys: { sdp: bodyOf(peer), ...keys },
    });
    return new FarEnd(sipp, peer, buyer);
  }

  /** The record of this caller's one call. */
  record(caller: FarEnd): Promise<CallSeen> {
    return this.switch.record(caller.number);
  }

  /** Lets this test end with log lines of level error that match. */
  expectError(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  begin(): void {
    const lines = this.switch.log.length;
    this.#expected = [];
    onTestFailed(() => {
      console.error(['── log of the switch ──', ...this.switch.log.slice(lines)].join('\n'));
    });
  }

  /** After each test: nothing is left over, and nothing was logged as an error. */
  async check(failed: boolean): Promise<void> {
    // A failed test leaves calls behind; they are not the next test's.
    await this.switch.idle(failed ? 15_000 : 2000);
    const metrics = await this.switch.metrics();
    for (const name of mustBeZero) expect(metrics.get(name), name).toBe(0);
    const unexpected = this.switch
      .errors()
      .slice(this.#errorsSeen)
      .filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
    this.#errorsSeen = this.switch.errors().length;
    expect(unexpected, 'errors in the log of the switch').toEqual([]);
  }

  /** After the last test: the ledger says of all calls what each call's record says, the journal is whole, exit 0. */
  async close(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    try {
      expect(ledgerTotals(await running.payouts()), 'the ledger').toEqual(
        recordTotals(await running.calls()),
      );
      expect(await running.command('journal', 'verify', '--json')).toMatchObject({ code: 0 });
      expect(await running.stop(), 'exit code on SIGTERM').toBe(0);
    } finally {
      await running.discard();
    }
  }

  #errorsSeen = 0;

  async #start(options: SippOptions): Promise<Sipp> {
    const sipp = await Sipp.start(options);
    onTestFinished(() => sipp.close());
    onTestFailed(async () => console.error(await sipp.story()));
    return sipp;
  }

  #onlyCampaign(): string {
    const first = this.switch.campaigns[0];
    if (first === undefined) throw new Error('the setup has no campaign');
    return first;
  }
}

/** Starts a switch before the tests of the file and stops it after them; checks after each that nothing is left. */
export function useSwitch(setup: SwitchSetup): Stage {
  const stage = new Stage();
  beforeAll(() => stage.open(setup));
  beforeEach(() => stage.begin());
  afterEach(({ task }) => stage.check(task.result?.state === 'fail'));
  afterAll(() => stage.close());
  return stage;
}

/** Both talk, each in its own tone, until each has heard the other without a break for `forMs`. */
export async function talk(caller: FarEnd, buyer: FarEnd, forMs = 1200): Promise<void> {
  const stop = [speak(caller, tones.caller), speak(buyer, tones.buyer)];
  try {
    await Promise.all([
      caller.rtp.heard({ freq: tones.buyer, forMs, withinMs: forMs + 4000 }),
      buyer.rtp.heard({ freq: tones.caller, forMs, withinMs: forMs + 4000 }),
    ]);
  } finally {
    for (const each of stop) each();
  }
}

/** The caller and the buyer who answered talk, then the caller hangs up; every scenario ends as it is written. */
export async function talkToTheEnd(
  caller: FarEnd,
  buyer: FarEnd,
  { others = [], forMs }: { others?: readonly FarEnd[]; forMs?: number } = {},
): Promise<void> {
  await caller.hears(200);
  await buyer.hears('INVITE');
  await talk(caller, buyer, forMs);
  await caller.sip.cue();
  await Promise.all([caller, buyer, ...others].map((end) => end.sip.done()));
}

/** Talks until the returned function is called, or the test ends. */
export function speak(end: FarEnd, freq: number): () => void {
  return end.rtp.sayAlways(sine(freq, 1000));
}

export function audioPort(sdp: string): number {
  return Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);
}

/** sipp puts the end of the last line itself. */
function bodyOf(peer: RtpPeer): string {
  return peer.sdp().trimEnd();
}
