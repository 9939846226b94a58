import { randomUUID } from 'node:crypto';
import { blocked, decide } from '../routing/decide.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Cause } from '../records/events.ts';
import type { Carrier } from '../config/config.ts';
import type { Offer } from '../signalling/signalling.ts';
import { admit, type Admission } from './admit.ts';
import { ask } from './ask.ts';
import { askBidders } from './bids.ts';
import { Call } from './call.ts';
import { Caller } from './caller.ts';
import { Dialling } from './dial.ts';
import { durable } from './durable.ts';
import type { Floor } from './floor.ts';
import { needsMedia } from './needs-media.ts';
import { noBuyer } from './no-buyer.ts';
import { recordOf } from './record.ts';
import { Scope } from './scope.ts';
import { toRoute } from './subjects.ts';
import { talk } from './talk.ts';
import { turnAway } from './turn-away.ts';
import { worldOf } from './world.ts';

/** A call from its INVITE to its record. Never rejects: what goes wrong is a cause, and nothing stays held. */
export async function takeCall(offer: Offer, floor: Floor): Promise<void> {
  const admission = admitted(offer, floor);
  if (!admission.ok) {
    floor.events.refused(offer, admission.reason, admission.status);
    offer.reject(admission.status, admission.headers ? { headers: admission.headers } : {});
    return;
  }
  const { call, leave } = enter(admission, offer.callId, floor);
  try {
    begin(call, floor);
    const caller = new Caller(call, offer, floor.media, async () => {
      floor.journal.append({ type: 'answered', at: call.now(), call: call.id });
      await durable(floor, call);
    });
    const longest = call.scope.timer(floor.limits.maxCall);
    void longest.elapsed.then(() => call.end('max_call', 'switch'));
    await story(call, caller, floor).catch((error: unknown) => {
      call.end('defect', 'switch');
      floor.events.defect(call.id, error);
    });
    close(call, caller, floor, admission.carrier);
  } catch (error) {
    floor.events.defect(call.id, error);
    call.end('defect', 'switch');
    if (call.answeredAt === null) offer.reject(500);
  } finally {
    leave();
    await call.scope.close();
  }
}

/** A fault in the first look turns the call away, and is told. */
function admitted(offer: Offer, floor: Floor): Admission {
  try {
    return admit(offer, floor);
  } catch (error) {
    floor.events.defect(offer.callId, error);
    return { ok: false, status: 500, reason: 'defect' };
  }
}

/** menu → bids → plan → buyer after buyer → talk. Each step returns as soon as the call is over. */
async function story(call: Call, caller: Caller, floor: Floor): Promise<void> {
  const { campaign, identity } = call;
  if (blocked(campaign, identity.from, call.attributes)) {
    call.end('blocked_caller', 'switch');
    return;
  }
  if (needsMedia(campaign, caller.sdp) && !(await caller.anchor())) return;

  if (campaign.ivr && caller.endpoint) {
    if (!(await caller.answer(caller.endpoint.sdp))) return;
    await ask(call, campaign.ivr, caller.endpoint);
    if (call.isOver()) return;
  }

  await askBidders(call, floor);
  if (call.isOver()) return;
  const plan = route(call, floor);
  if (plan === 'repeat_caller') {
    call.end('repeat_caller', 'switch');
    return;
  }
  const dialling = new Dialling(call, caller, floor, plan);
  for (let buyer = await dialling.next(); buyer !== null; buyer = await dialling.next()) {
    if ((await talk(call, caller, floor, buyer, !dialling.isSpent)) === 'over') return;
  }
  return noBuyer(call, caller, floor);
}

function route(call: Call, floor: Floor): readonly PlannedAttempt[] | 'repeat_caller' {
  call.state = 'routing';
  const began = floor.monotonic();
  const decision = decide(call.table.routing, toRoute(call), worldOf(floor, call.bids));
  const took = floor.monotonic() - began;
  const plan = decision.outcome === 'dial' ? decision.plan : [];
  call.leftOut = decision.leftOut;
  call.plan = plan.map(({ buyer, trunk, route }) => ({
    buyer: buyer.id,
    trunk: trunk.id,
    dial: buyer.dial,
    priority: route.priority,
  }));
  floor.journal.append({
    type: 'routed',
    at: call.now(),
    call: call.id,
    attributes: call.attributes,
    plan: call.plan,
    leftOut: call.leftOut,
  });
  floor.events.routed(call.id, call.plan, call.leftOut, took);
  return decision.outcome === 'reject' && decision.reason === 'repeat_caller' ? 'repeat_caller' : plan;
}

/** The call counts as live until it leaves. */
function enter(
  admission: Extract<Admission, { ok: true }>,
  sipCallId: string,
  floor: Floor,
): { readonly call: Call; readonly leave: () => void } {
  const { entry, table, carrier, began } = admission;
  const { campaign } = entry;
  const identity = {
    call: randomUUID(),
    from: admission.from,
    to: admission.to,
    carrier: carrier.id,
    campaign: campaign.id,
    publisher: entry.publisher,
    source: entry.source,
    attributes: admission.attributes,
    table: table.hash,
  };
  const scope = new Scope(floor.books, (kind, error) =>
    floor.events.releaseFailed(identity.call, kind, error),
  );
  const call = new Call({
    identity,
    sipCallId,
    campaign,
    table,
    scope,
    startedAt: admission.at,
    hops: admission.hops,
    elapsed: () => Math.round(floor.monotonic() - began),
  });
  floor.registry.add(call);
  const leaveCarrier = floor.carriers.enter(carrier, began);
  const leave = () => {
    leaveCarrier();
    floor.registry.remove(call);
  };
  return { call, leave };
}

function begin({ identity, startedAt, sipCallId }: Call, floor: Floor): void {
  floor.journal.append({ type: 'offered', at: startedAt, sipCallId, ...identity });
  floor.events.offered(identity, sipCallId);
}

/** The record comes before the releases, which may wait for a far end that has gone. */
function close(call: Call, caller: Caller, floor: Floor, carrier: Carrier): void {
  call.end('defect', 'switch');
  const ending = call.ending;
  if (!ending) throw new Error('unreachable: the call was just ended');
  const record = recordOf(call, ending);
  floor.journal.append({ type: 'ended', at: ending.at, record });
  call.figures.recordStands((figures) => {
    floor.journal.append({
      type: 'media',
      at: call.now(),
      call: call.id,
      startedAt: call.startedAt,
      ...figures,
    });
    floor.events.heard(call.id, figures);
  });
  const status = statusFor(ending.cause);
  const notNow = status === 503 ? turnAway(carrier) : { status, headers: {} };
  caller.reject(notNow.status, ending.cause === 'drained' ? notNow.headers : {});
  floor.events.ended(record);
}

/** What a caller who was never answered gets. */
function statusFor(cause: Cause): number {
  switch (cause) {
    case 'blocked_caller':
    case 'repeat_caller':
      return 603;
    case 'no_common_codec':
      return 488;
    case 'drained':
    case 'media_failed':
    case 'media_lost':
    case 'rtp_timeout':
    case 'signalling_lost':
    case 'leg_lost':
    case 'switch_lost':
      return 503;
    case 'defect':
      return 500;
    case 'caller_hangup':
    case 'buyer_hangup':
    case 'caller_cancelled':
    case 'no_buyer':
    case 'menu_hangup':
    case 'max_call':
    case 'no_ack':
      return 480;
  }
}
