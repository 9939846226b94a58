import type { Endpoint, Media, Playing } from '../media/media.ts';
import { audioCodecs } from '../sdp/codecs.ts';
import type { Leg, Offer, OfferAnswer } from '../signalling/signalling.ts';
import type { Call } from './call.ts';
import { holdOpening } from './hold-opening.ts';
import { followLeg } from './leg-times.ts';
import { ringTone } from './ring-tone.ts';

/**
 * The caller's side of a call: an offer that waits, then a leg; with an endpoint of ours once media is anchored.
 * Whatever happens to it ends the call, with its cause.
 */
export class Caller {
  readonly #call: Call;
  readonly #offer: Offer;
  readonly #media: Media;
  readonly #beforeAnswer: () => Promise<void>;
  #leg: Leg | null = null;
  #endpoint: Endpoint | null = null;
  #anchoring: Promise<Endpoint | null> | undefined;
  #ringback: Playing | null = null;
  #heardBuyer = false;

  /** `beforeAnswer` is waited for before our 200 goes out. */
  constructor(call: Call, offer: Offer, media: Media, beforeAnswer: () => Promise<void>) {
    this.#call = call;
    this.#offer = offer;
    this.#media = media;
    this.#beforeAnswer = beforeAnswer;
    const gone = () => {
      if (offer.cancelled.reason === 'link') call.end('signalling_lost', 'switch');
      else call.end('caller_cancelled', 'caller');
    };
    if (offer.cancelled.aborted) gone();
    else offer.cancelled.addEventListener('abort', gone, { once: true });
  }

  get sdp(): string | null {
    return this.#offer.sdp;
  }

  get endpoint(): Endpoint | null {
    return this.#endpoint;
  }

  get isAnswered(): boolean {
    return this.#leg !== null;
  }

  /** Whether there is media for what is a mere courtesy: else a call would end for want of it. */
  get canBeAnchored(): boolean {
    return this.#endpoint !== null || this.#media.free !== 0;
  }

  /** An endpoint for the caller's media; null where there is none to be had (the call is then over). */
  anchor(): Promise<Endpoint | null> {
    // The buyers of a ring group may ask at the same time: there is one endpoint for the caller.
    this.#anchoring ??= this.#anchor();
    return this.#anchoring;
  }

  async #anchor(): Promise<Endpoint | null> {
    const opening = this.#media.open(this.#offer.sdp ?? undefined);
    const holding = holdOpening(this.#call.scope, opening);
    const opened = await opening;
    if (!opened.ok) {
      void holding.release();
      this.#call.end(opened.reason === 'no_common_codec' ? 'no_common_codec' : 'media_failed', 'switch');
      return null;
    }
    const { endpoint } = opened;
    if (this.#call.isOver()) return null;
    this.#call.media = 'anchored';
    this.#endpoint = endpoint;
    this.#call.figures.follow(0, endpoint);
    void endpoint.ended.then((how) => {
      if (how !== 'closed') this.#call.end(how, 'switch');
    });
    return endpoint;
  }

  /** Answers with the endpoint's SDP, or with the buyer's where the two exchange media directly. */
  async answer(sdp: string): Promise<boolean> {
    if (this.#leg) return true;
    await this.#beforeAnswer();
    if (this.#call.isOver()) return false;
    const answered = await this.#offer.answer(sdp);
    if (!answered.ok) {
      if (answered.reason === 'cancelled') this.#call.end('caller_cancelled', 'caller');
      else this.#call.end('signalling_lost', 'switch');
      return false;
    }
    const leg = answered.leg;
    this.#call.scope.hold('leg', () => leg.hangup());
    this.#leg = leg;
    this.#call.answeredAt = this.#call.now();
    this.#call.codec = this.#offer.sdp === null ? null : codecOf(sdp);
    followLeg(leg, this.#call, this.#call);
    const endpoint = this.#endpoint;
    leg.onDigit((digit) => void endpoint?.digit(digit));
    leg.onOffer((offered) =>
      endpoint ? answerByEndpoint(endpoint, offered) : Promise.resolve({ status: 488 }),
    );
    void leg.ended.then(({ by }) => {
      if (by === 'far_end') this.#call.end('caller_hangup', 'caller');
      if (by === 'server') this.#call.end('no_ack', 'switch');
      if (by === 'link') this.#call.end('signalling_lost', 'switch');
    });
    if (endpoint && this.#offer.sdp === null) await this.#takeAnswer(leg, endpoint);
    return !this.#call.isOver();
  }

  /**
   * Where the offer was ours, the caller's answer comes in the ACK (RFC 3261 13.2.2.4): before, nobody hears what is
   * played, and FreeSWITCH, told to bridge a leg whose far end it does not know, sends a re-INVITE of its own.
   */
  async #takeAnswer(leg: Leg, endpoint: Endpoint): Promise<void> {
    const answer = await this.#call.unlessOver(leg.acknowledged);
    if (this.#call.isOver()) return;
    if (answer !== null) this.#call.codec = codecOf(answer);
    const isConnected =
      answer !== null && (await this.#call.unlessOver(endpoint.connect(answer)))?.ok === true;
    if (!isConnected) this.#call.end('media_failed', 'switch');
  }

  /** From now on re-INVITEs and INFO digits cross to the buyer's leg: the two exchange media directly. */
  joinDirectly(buyer: Leg): void {
    const leg = this.#leg;
    if (!leg) return;
    for (const [one, other] of [
      [leg, buyer],
      [buyer, leg],
    ] as const) {
      one.onDigit((digit) => void other.sendDigit(digit));
      one.onOffer((offered) => answerByPeer(other, offered));
    }
  }

  get leg(): Leg | null {
    return this.#leg;
  }

  /** The caller's own network rings, or the buyer's early media is heard. */
  progress(status: number, sdp?: string): void {
    if (this.#leg) return;
    if (sdp !== undefined) this.#heardBuyer = true;
    this.#call.ringingAt ??= this.#call.now();
    this.#offer.progress(status, sdp);
  }

  /** A buyer's own early media reached an unanswered caller: media of ours cannot take its place (RFC 3261 13.2.1). */
  get isBoundToBuyer(): boolean {
    return this.#heardBuyer && !this.#leg && !this.#endpoint;
  }

  /**
   * A ringing tone of ours, for a caller whom a menu answered, or who heard one buyer's early media while the next one
   * rings: their own network plays nothing any more.
   */
  hearRinging(): void {
    const hearsUs = this.#leg !== null || this.#heardBuyer;
    if (!hearsUs || !this.#endpoint || this.#ringback) return;
    this.#ringback = this.#endpoint.play(ringTone(this.#call.campaign.routing.ringback));
  }

  async stopRinging(): Promise<void> {
    const playing = this.#ringback;
    this.#ringback = null;
    await playing?.stop();
  }

  /** Turns the caller away, where no final answer was given yet. */
  reject(status: number, headers: Readonly<Record<string, string>>): void {
    if (!this.#leg) this.#offer.reject(status, { headers });
  }
}

/** An answer names the codec that will be spoken first. */
const codecOf = (answer: string): string | null => audioCodecs(answer)[0] ?? null;

/**
 * Hold and moved media, answered locally: the media server mirrors the direction (sendonly → recvonly) and keeps its own
 * o= line. An empty re-INVITE asks for our offer; its answer comes in the ACK (RFC 3261 14.2).
 */
export async function answerByEndpoint(endpoint: Endpoint, offered: string | null): Promise<OfferAnswer> {
  if (offered === null) {
    return {
      sdp: endpoint.sdp,
      acknowledged: async (answer) => {
        if (answer !== null) await endpoint.connect(answer);
      },
    };
  }
  const connected = await endpoint.connect(offered);
  return connected.ok ? { sdp: connected.sdp } : { status: 488 };
}

async function answerByPeer(peer: Leg, offered: string | null): Promise<OfferAnswer> {
  if (offered === null) {
    return {
      sdp: peer.remoteSdp,
      acknowledged: async (answer) => {
        if (answer !== null) await peer.offer(answer);
      },
    };
  }
  const answered = await peer.offer(offered);
  return answered.ok ? { sdp: answered.sdp } : { status: answered.status };
}
