/** The media of an attempt: opened before the INVITE, joined to the buyer's answer. */
import type { Endpoint } from '../media/media.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { stillFits } from '../routing/still-fits.ts';
import { audioCodecs, preferCodec } from '../sdp/codecs.ts';
import type { Leg } from '../signalling/signalling.ts';
import type { Call } from './call.ts';
import { answerByEndpoint, type Caller } from './caller.ts';
import type { Floor } from './floor.ts';
import { holdOpening } from './hold-opening.ts';
import type { Holding } from './scope.ts';
import { toRoute } from './subjects.ts';
import { worldOf } from './world.ts';

/** Null: the buyer is not to be dialled. `isLost`: another buyer of the ring group has the call. */
export async function openMedia(
  call: Call,
  caller: Caller,
  floor: Floor,
  planned: PlannedAttempt,
  isLost: () => boolean,
  holdings: Holding[],
): Promise<{ readonly endpoint: Endpoint } | null> {
  // Nothing is opened for a buyer who does not fit any more.
  const full = stillFits(call.table.routing, toRoute(call), planned, worldOf(floor, call.bids, call.id));
  if (full !== null) {
    call.leftOut = [...call.leftOut, full];
    return null;
  }
  const beside = await caller.anchor();
  if (beside === null) return null;
  const opening = floor.media.open(undefined, beside);
  holdings.push(holdOpening(call.scope, opening));
  const opened = await opening;
  if (opened.ok) return opened;
  // The caller may be talking to another of the ring group by now.
  if (!isLost()) call.end('media_failed', 'switch');
  return null;
}

export function offerLike(endpoint: Endpoint, caller: Caller): string {
  const chosen = caller.sdp === null || !caller.endpoint ? undefined : audioCodecs(caller.endpoint.sdp)[0];
  return chosen === undefined ? endpoint.sdp : preferCodec(endpoint.sdp, chosen);
}

/** Media to the buyer's answer, and the whisper, which the caller does not hear. */
export async function putThrough(
  call: Call,
  floor: Floor,
  { buyer }: PlannedAttempt,
  leg: Leg,
  endpoint: Endpoint | null,
): Promise<'ready' | 'refused' | 'no_common_codec'> {
  if (!endpoint) return 'ready';
  leg.onOffer((offered) => answerByEndpoint(endpoint, offered));
  leg.onDigit((digit) => void endpoint.digit(digit));
  const connected = await call.unlessOver(endpoint.connect(leg.remoteSdp));
  if (!connected?.ok) return 'no_common_codec';
  if (buyer.whisper === undefined) return 'ready';
  call.state = 'whisper';
  const whisper = endpoint.play(buyer.whisper);
  const heard = await call.unlessOver(Promise.race([whisper.done, leg.ended.then(() => 'gone' as const)]));
  // A caller who waits is worth more than what the buyer should have heard first; but somebody must learn of it.
  if (heard === 'failed') floor.events.whisperFailed(call.id, buyer.id, buyer.whisper);
  return heard === 'gone' ? 'refused' : 'ready';
}
