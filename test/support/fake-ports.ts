/**
 * The two ports, played by a script over fast-check's scheduler: every answer of the outside world is a task whose turn
 * the scheduler picks, so that a property meets interleavings that no network can be made to produce.
 * They keep count of what is alive on the far side: a leg without a BYE or an endpoint without a close is a leak.
 */
import type { Scheduler } from 'fast-check';
import { settleable } from '../../src/deadline.ts';
import type {
  Collected,
  Endpoint,
  EndpointEnd,
  Media,
  Opened,
  Playing,
  RtpFigures,
} from '../../src/media/media.ts';
import type {
  Address,
  Answered,
  Destination,
  Dialling,
  DialOutcome,
  Leg,
  LegEnd,
  Offer,
  Signalling,
} from '../../src/signalling/signalling.ts';

const sdp = (port: number) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n`;

export interface FarSide {
  readonly liveLegs: () => number;
  readonly liveEndpoints: () => number;
  readonly rejected: () => readonly number[];
}

export type BuyerScript =
  'answers' | 'busy' | 'rings for ever' | 'answers when cancelled' | 'early media, answers';

export class FakeLeg implements Leg {
  readonly callId = 'fake';
  readonly remoteSdp = sdp(4000);
  readonly acknowledged: Promise<string | null>;
  readonly ended: Promise<LegEnd>;
  readonly #end = settleable<LegEnd>();
  readonly #scheduler: Scheduler;
  readonly #onGone: () => void;
  #gone = false;

  constructor(scheduler: Scheduler, onGone: () => void, acknowledged = Promise.resolve<string | null>(null)) {
    this.#scheduler = scheduler;
    this.#onGone = onGone;
    this.acknowledged = acknowledged;
    this.ended = this.#end.promise;
  }

  onOffer(): void {
    // No re-INVITEs in these scripts.
  }

  onDigit(): void {
    // No digits by INFO in these scripts.
  }

  offer(): ReturnType<Leg['offer']> {
    return Promise.resolve({ ok: false, status: 488 });
  }

  async sendDigit(): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), 'info');
  }

  /** The far end forgot the call without a BYE that reached us. */
  forgets = false;
  /** So many OPTIONS from now on stay without an answer. */
  silences = 0;

  /** How often. */
  asked = 0;

  alive(): ReturnType<Leg['alive']> {
    this.asked++;
    if (this.silences-- > 0) return Promise.resolve('silent');
    return Promise.resolve(this.#gone || this.forgets ? 'gone' : 'there');
  }

  farEndHangsUp(): void {
    this.#finish({ by: 'far_end' });
  }

  async hangup(): Promise<void> {
    this.#finish({ by: 'us' });
    await this.#scheduler.schedule(Promise.resolve(), 'bye answered');
  }

  #finish(how: LegEnd): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#onGone();
    this.#end.settle(how);
  }
}

export class FakeSignalling implements Signalling {
  readonly link = new AbortController().signal;
  readonly listening = [];
  readonly buyers: FakeLeg[] = [];
  readonly #scheduler: Scheduler;
  readonly #scripts: BuyerScript[];
  #live = 0;

  constructor(scheduler: Scheduler, scripts: readonly BuyerScript[]) {
    this.#scheduler = scheduler;
    this.#scripts = [...scripts];
  }

  get liveLegs(): number {
    return this.#live;
  }

  readonly ready = true;

  /** The test hands its offers over itself. */
  onInvite(): Promise<boolean> {
    return Promise.resolve(true);
  }

  onProbe(): void {
    // Nobody probes the switch here.
  }

  /** What comes of an OPTIONS to any trunk. */
  answersProbes: 'up' | 'down' = 'up';

  probe(): Promise<'up' | 'down'> {
    return Promise.resolve(this.answersProbes);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  newLeg(acknowledged?: Promise<string>): FakeLeg {
    this.#live++;
    return new FakeLeg(this.#scheduler, () => this.#live--, acknowledged);
  }

  dial(_to: Destination): Dialling {
    const script = this.#scripts.shift() ?? 'busy';
    const outcome = settleable<DialOutcome>();
    let isFinal = false;
    const settle = (how: DialOutcome) => {
      if (isFinal) return;
      isFinal = true;
      outcome.settle(how);
    };
    const answer = () => {
      if (isFinal) return;
      const leg = this.newLeg();
      this.buyers.push(leg);
      settle({ kind: 'answered', leg });
    };
    let ring: (progress: { status: number; sdp: string | null }) => void = () => undefined;
    const later = (label: string, act: () => void) =>
      void this.#scheduler.schedule(Promise.resolve(), label).then(act);
    if (script === 'answers') later('200', answer);
    if (script === 'busy')
      later('486', () => settle({ kind: 'refused', status: 486, reason: 'Busy Here', retryAfter: null }));
    if (script === 'rings for ever') later('180', () => ring({ status: 180, sdp: null }));
    if (script === 'early media, answers') {
      later('183', () => {
        ring({ status: 183, sdp: sdp(4002) });
        later('200', answer);
      });
    }
    return {
      callId: 'fake',
      outcome: outcome.promise,
      onTrying: () => undefined,
      onProgress: (handler) => {
        ring = handler;
      },
      cancel: () =>
        later('answer to CANCEL', () =>
          script === 'answers when cancelled'
            ? answer()
            : settle({ kind: 'refused', status: 487, reason: 'Request Terminated', retryAfter: null }),
        ),
    };
  }
}

export class FakeOffer implements Offer {
  readonly callId = 'fake';
  readonly source: Address = { host: '127.0.0.1', port: 5060, transport: 'udp' };
  readonly from: string;
  readonly to: string;
  readonly sdp: string | null;
  readonly hasOtherBody = false;
  readonly rejected: number[] = [];
  readonly #cancel = new AbortController();
  readonly #signalling: FakeSignalling;
  readonly #scheduler: Scheduler;
  leg: FakeLeg | null = null;

  /** `offersLate`: an INVITE without SDP, whose answer comes in the ACK. */
  constructor(
    scheduler: Scheduler,
    signalling: FakeSignalling,
    how: { from: string; to: string; offersLate?: boolean },
  ) {
    this.#scheduler = scheduler;
    this.#signalling = signalling;
    this.from = how.from;
    this.to = how.to;
    this.sdp = how.offersLate === true ? null : sdp(4004);
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  /** CANCEL before the answer, BYE after. */
  callerGoes(): void {
    if (this.leg) this.leg.farEndHangsUp();
    else this.#cancel.abort();
  }

  header(): undefined {
    return undefined;
  }

  progress(): void {
    // Nothing to release.
  }

  reject(status: number): void {
    this.rejected.push(status);
  }

  async answer(): Promise<Answered> {
    await this.#scheduler.schedule(Promise.resolve(), 'our 200');
    if (this.#cancel.signal.aborted) return { ok: false, reason: 'cancelled' };
    const ack = () => this.#scheduler.schedule(Promise.resolve(sdp(4004)), 'ACK with SDP');
    this.leg = this.sdp === null ? this.#signalling.newLeg(ack()) : this.#signalling.newLeg();
    return { ok: true, leg: this.leg };
  }
}

class FakeEndpoint implements Endpoint {
  readonly sdp = sdp(4006);
  readonly ended: Promise<EndpointEnd>;
  readonly figures: Promise<RtpFigures | null>;
  readonly #end = settleable<EndpointEnd>();
  readonly #figures = settleable<RtpFigures | null>();
  readonly #scheduler: Scheduler;
  readonly #onGone: () => void;
  #gone = false;
  #knowsFarEnd: boolean;

  constructor(
    readonly id: string,
    scheduler: Scheduler,
    onGone: () => void,
    offer: string | undefined,
    readonly plays: 'played' | 'failed',
  ) {
    this.#scheduler = scheduler;
    this.#onGone = onGone;
    this.#knowsFarEnd = offer !== undefined;
    this.ended = this.#end.promise;
    this.figures = this.#figures.promise;
  }

  async connect(): ReturnType<Endpoint['connect']> {
    await this.#turn('re-INVITE to media');
    this.#knowsFarEnd = true;
    return this.#gone ? { ok: false, reason: 'gone' } : { ok: true, sdp: this.sdp };
  }

  play(): Playing {
    const stopped = settleable<'stopped'>();
    const done = Promise.race([
      this.#turn('played').then(() => this.plays),
      stopped.promise,
      this.ended.then(() => 'stopped' as const),
    ]);
    return {
      done,
      stop: async () => {
        stopped.settle('stopped');
        await this.#turn('break');
      },
    };
  }

  async collect(): Promise<Collected> {
    await this.#turn('digits');
    return this.#gone ? { ok: false, reason: 'ended' } : { ok: true, digits: '1' };
  }

  digit = () => Promise.resolve();
  press = () => Promise.resolve();
  onDigit = () => undefined;
  stopRecording = () => Promise.resolve();

  wasBridged = false;
  /** FreeSWITCH sends a re-INVITE of its own to a leg that is bridged before it has the far end's description. */
  wasBridgedBlindly = false;
  isWatched = false;
  isHeld = false;

  async bridge(other: Endpoint): Promise<boolean> {
    const ends = [this, other].filter((end) => end instanceof FakeEndpoint);
    for (const end of ends) end.wasBridgedBlindly ||= !end.#knowsFarEnd;
    await this.#turn('bridge');
    for (const end of ends) end.wasBridged = true;
    return !this.#gone;
  }

  unbridge = () => this.#turn('unbridge');

  async expectRtp(): Promise<void> {
    this.isWatched = true;
    await this.#turn('set');
  }

  async record(): Promise<boolean> {
    await this.#turn('record');
    return !this.#gone;
  }

  timesOut(): void {
    this.#finish('rtp_timeout');
  }

  async close(): Promise<void> {
    this.#finish('closed');
    await this.#turn('closed');
    this.#figures.settle({ codec: 'PCMU', packetsSent: 1, packetsReceived: 2, packetsLost: 0, jitter: 0 });
  }

  async #turn(label: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
  }

  #finish(how: EndpointEnd): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#onGone();
    this.#end.settle(how);
  }
}

export class FakeMedia implements Media {
  readonly ready = true;
  free: number | null = null;
  /** What comes of each prompt. */
  plays: 'played' | 'failed' = 'played';
  readonly endpoints: FakeEndpoint[] = [];
  readonly #scheduler: Scheduler;
  #live = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get liveEndpoints(): number {
    return this.#live;
  }

  async open(offer?: string): Promise<Opened> {
    await this.#scheduler.schedule(Promise.resolve(), 'endpoint');
    this.#live++;
    const id = String(this.endpoints.length);
    const endpoint = new FakeEndpoint(id, this.#scheduler, () => this.#live--, offer, this.plays);
    this.endpoints.push(endpoint);
    return { ok: true, endpoint };
  }

  servers(): readonly [] {
    return [];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
