import type { Connection } from './attempt.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import { durable } from './durable.ts';
import type { Floor } from './floor.ts';
import { leaveLeg } from './leg-times.ts';
import { happened } from './subjects.ts';
import { watchLeg } from './watch-leg.ts';

/** Joins caller and buyer and waits for the end. `next`: the buyer hung up so early that the next one may have the call. */
export async function talk(
  call: Call,
  caller: Caller,
  floor: Floor,
  buyer: Connection,
  mayRetry: boolean,
): Promise<'over' | 'next'> {
  const began = buyer.throughAt;
  const media = buyer.endpoint && caller.endpoint ? 'anchored' : 'direct';
  const { id } = buyer.planned.buyer;
  floor.journal.append({ type: 'connected', at: began, call: call.id, buyer: id, media });
  if (!(await join(call, caller, floor, buyer))) {
    close(floor, call, buyer, 'cancelled');
    return 'over';
  }
  call.state = 'connected';
  call.connectedAt = began;
  call.connectedTo = buyer.planned;
  call.buyer = id;
  buyer.lease.connected();
  floor.settlements.await(call, buyer.planned, buyer.lease.worth);
  happened(floor, call, buyer.planned, 'connected', began);
  floor.events.connected(call.id, id);

  const watch = watchLegs(call, caller, buyer);
  void guard(call, caller, floor, buyer);
  const end = await call.unlessOver(
    Promise.race([buyer.leg.ended.then(({ by }) => by), ...(buyer.endpoint ? [buyer.endpoint.ended] : [])]),
  );
  await watch.release();

  const early = call.campaign.routing.onEarlyHangup;
  const hungUpEarly =
    end === 'far_end' && early !== null && early.retry && call.now() - began < early.within && mayRetry;
  if (hungUpEarly && buyer.endpoint && !call.isOver()) {
    close(floor, call, buyer, 'early_hangup');
    floor.settlements.forgo(call.id);
    call.connectedAt = null;
    call.connectedTo = null;
    await caller.endpoint?.unbridge();
    return 'next';
  }
  if (end === 'far_end') call.end('buyer_hangup', 'buyer');
  else if (end === 'rtp_timeout' || end === 'media_lost') call.end(end, 'switch');
  else if (end !== null) call.end('signalling_lost', 'switch');
  close(floor, call, buyer, 'answered');
  return 'over';
}

/** Answers the caller where nobody did yet, and connects the two media streams; not before the journal knows. */
async function join(call: Call, caller: Caller, floor: Floor, buyer: Connection): Promise<boolean> {
  const ours = caller.endpoint;
  if (!buyer.endpoint || !ours) {
    if (!(await caller.answer(buyer.leg.remoteSdp))) return false;
    caller.joinDirectly(buyer.leg);
    call.media = 'direct';
    return true;
  }
  await Promise.all([caller.stopRinging(), durable(floor, call)]);
  if (!(await caller.answer(ours.sdp))) return false;
  if (!(await ours.bridge(buyer.endpoint))) {
    call.end('media_failed', 'switch');
    return false;
  }
  return !call.isOver();
}

/** Watches the media and records it, while the two talk already: no clock waits for this. */
async function guard(call: Call, caller: Caller, floor: Floor, buyer: Connection): Promise<void> {
  const ends = [caller.endpoint, buyer.endpoint].filter((end) => end !== null);
  await Promise.all(ends.map((end) => end.expectRtp(floor.limits.rtpTimeout)));
  if (call.campaign.record !== 'answered' || call.recording !== null || call.isOver()) return;
  const file = `${floor.recordings}/${call.id}.wav`;
  if (await caller.endpoint?.record(file)) call.recording = file;
}

function watchLegs(call: Call, caller: Caller, buyer: Connection): { release(): Promise<void> } {
  const lost = () => call.end('leg_lost', 'switch');
  const watches = [caller, buyer].flatMap(({ leg, endpoint }) => {
    const isUnheard = () => !buyer.endpoint || endpoint?.isHeld === true;
    return leg === null ? [] : [watchLeg(leg, isUnheard, lost)];
  });
  return call.scope.hold('timer', () => {
    for (const end of watches) end();
  });
}

function close(
  floor: Floor,
  call: Call,
  buyer: Connection,
  result: 'answered' | 'early_hangup' | 'cancelled',
): void {
  buyer.record.result = result;
  buyer.record.endedAt = call.now();
  leaveLeg(buyer.record, call, buyer.record.endedAt);
  call.tried(buyer.record, buyer.endpoint);
  floor.events.attemptEnded(call.id, buyer.record);
  buyer.release();
}
