/** A call that comes in: what a person who hears the phone ring can do. */
import type { Offer } from '../signalling/signalling.ts';
import type { PhoneCall } from './call.ts';
import { Conversation } from './conversation.ts';
import type { Engine } from './engine.ts';
import { Line } from './line.ts';

export interface IncomingCall {
  /** User part of the From URI, as sent. */
  readonly from: string;
  readonly to: string;
  header(name: string): string | undefined;
  /** Aborts when the caller gave up before an answer. */
  readonly cancelled: AbortSignal;
  ring(): void;
  refuse(status: number, reason?: string): void;
  /** Null where the caller has gone meanwhile, or no media could be agreed. */
  answer(): Promise<PhoneCall | null>;
}

export function incomingCall(engine: Engine, offer: Offer): IncomingCall {
  const begun = performance.now();
  return {
    from: offer.from,
    to: offer.to,
    header: (name) => offer.header(name),
    cancelled: offer.cancelled,
    ring: () => offer.progress(180),
    refuse: (status, reason) => offer.reject(status, reason === undefined ? {} : { reason }),
    answer: () => pickUp(engine, offer, begun),
  };
}

async function pickUp(engine: Engine, offer: Offer, begun: number): Promise<PhoneCall | null> {
  const opened = await engine.media.open(offer.sdp ?? undefined);
  if (!opened.ok) {
    offer.reject(opened.reason === 'no_common_codec' ? 488 : 503);
    return null;
  }
  const line = new Line(opened.endpoint, engine.recording());
  const answered = await offer.answer(line.endpoint.sdp);
  if (!answered.ok) {
    await line.endpoint.close();
    return null;
  }
  const call = new Conversation();
  call.opened(line, () => undefined);
  call.through(answered.leg, line, Math.round(performance.now() - begun));
  if (offer.sdp === null) {
    // An INVITE without SDP: our 200 was the offer, its answer is in the ACK.
    const answer = await answered.leg.acknowledged;
    if (answer !== null) await line.connect(answer);
  } else await line.startHearing();
  return call;
}
