/** One call on its way through the plan, as the live call goes it: lease, ring, talk, settle. */
import type { Bids } from '../calls/bids.ts';
import type { Lease } from '../calls/counts/leases.ts';
import { ownerOf } from '../calls/owner.ts';
import { worldOf } from '../calls/world.ts';
import type { CallToReplay } from '../records/calls-to-replay.ts';
import { attemptsOf } from '../routing/attempts-of.ts';
import { decide } from '../routing/decide.ts';
import { endsSearch } from '../routing/failover.ts';
import type { Campaign, Subject } from '../routing/network.ts';
import type { CallToRoute, PlannedAttempt, RejectReason } from '../routing/plan.ts';
import { worthOf } from '../routing/expected-revenue.ts';
import { stillFits } from '../routing/still-fits.ts';
import { bidders } from '../routing/table.ts';
import { settle, type Facts } from '../settlement/settle.ts';
import type { Conduct } from './conduct.ts';
import { seededDice, seedOf } from './seeded-dice.ts';
import type { Stage } from './stage.ts';

/** What became of a call. Money in micro-units. */
export interface Decided {
  readonly call: CallToReplay;
  readonly outcome: 'connected' | 'no_answer' | 'not_routed' | RejectReason;
  readonly campaign: string | null;
  readonly publisher: string;
  readonly buyer: string | null;
  readonly revenue: bigint;
  readonly payout: bigint;
  /** Whether how the buyer took it was drawn from its other calls. */
  readonly isDrawn: boolean;
}

export class ReplayedCall {
  readonly #stage: Stage;
  readonly #call: CallToReplay;
  readonly #end: (decided: Decided) => void;
  readonly #began: number;
  /** How long a caller who gave up waited for a buyer; whoever was answered would have waited for any. */
  readonly #patience: number;
  #asked: CallToRoute | null = null;
  #waiting: PlannedAttempt[][] = [];
  #bids: Bids = new Map();
  #attempts = 0;
  #rungFor = 0;

  constructor(stage: Stage, call: CallToReplay, end: (decided: Decided) => void) {
    this.#stage = stage;
    this.#call = call;
    this.#end = end;
    this.#began = stage.time.now;
    const gaveUp = call.connectedAt === null && ['caller_cancelled', 'caller_hangup'].includes(call.cause);
    this.#patience = gaveUp ? call.endedAt - this.#began : Infinity;
  }

  route(): void {
    const { table, held } = this.#stage;
    const owner = ownerOf(this.#call.to, this.#call.startedAt, table, held);
    if (!this.#call.routed) {
      this.#close('not_routed');
      return;
    }
    if (owner?.kind !== 'owned') {
      this.#close('unknown_number');
      return;
    }
    const { campaign, publisher, source } = owner.entry;
    const { 'call.source': _source, ...attributes } = this.#call.attributes;
    this.#asked = {
      campaign,
      publisher,
      caller: this.#call.from,
      attributes: {
        ...attributes,
        'call.campaign': campaign.id,
        'call.publisher': publisher,
        ...(source !== null && { 'call.source': source }),
      },
    };
    this.#bids = this.#bidsFor(campaign);
    const decision = decide(table, this.#asked, this.#world(), { explain: false });
    if (decision.outcome === 'reject') {
      this.#close(decision.reason);
      return;
    }
    this.#waiting = attemptsOf(decision.plan);
    this.#next();
  }

  /** The next buyer, or ring group, that still fits; as the live call dials along its plan. */
  #next(): void {
    const asked = this.#asked;
    if (asked === null) return;
    const { attempts, giveUp, ring } = asked.campaign.routing;
    while (this.#waiting.length > 0 && this.#attempts < attempts && this.#rungFor < giveUp) {
      const together = this.#waiting.shift() ?? [];
      const ringing = together.flatMap((planned) => this.#dial(asked, planned) ?? []);
      if (ringing.length === 0) continue;
      this.#attempts++;
      const { time } = this.#stage;
      const left = Math.min(ring, giveUp - this.#rungFor);
      const first = firstToAnswer(ringing, left);
      const lasts = first ? first.conduct.rings : longest(ringing, left);
      const until = Math.min(time.now + lasts, this.#began + this.#patience);
      const gaveUp = until < time.now + lasts;
      time.plan(until, () => {
        for (const one of ringing) if (one !== first || gaveUp) one.lease.release();
        this.#rungFor += lasts;
        if (gaveUp) this.#close('no_answer');
        else if (first) this.#connect(asked, first);
        else if (ringing.some(({ planned, conduct }) => endsSearch(planned, asked.campaign, conduct.status)))
          this.#close('no_answer');
        else this.#next();
      });
      return;
    }
    this.#close(this.#attempts > 0 ? 'no_answer' : 'no_buyer');
  }

  #dial(asked: CallToRoute, planned: PlannedAttempt): Ringing | null {
    const { table, leases, tally, performance, conducts, time } = this.#stage;
    const buyer = planned.buyer.id;
    const subjects: readonly Subject[] = [...planned.subjects, `publisher:${asked.publisher}`];
    const world = this.#world();
    const worth = worthOf(table, asked, planned, world);
    const lease = leases.take({ call: this.#call.id, buyer, subjects, worth }, () =>
      stillFits(table, asked, planned, world),
    );
    if ('rule' in lease) return null;
    const campaign = asked.campaign.id;
    tally.count(subjects, 'attempted', 1, time.now);
    tally.offered(buyer, time.now);
    performance.add(campaign, buyer, { attempts: 1 }, time.now);
    this.#see(campaign, buyer, 'attempted');
    return { planned, subjects, lease, conduct: conducts.of(this.#call, campaign, buyer) };
  }

  #connect(asked: CallToRoute, { planned, subjects, lease, conduct }: Ringing): void {
    const { tally, time, config } = this.#stage;
    const buyer = planned.buyer.id;
    const connectedAt = time.now;
    const talks = Math.min(conduct.talks ?? 0, config.limits.maxCall);
    lease.connected();
    tally.count(subjects, 'connected', 1, connectedAt);
    this.#see(asked.campaign.id, buyer, 'connected');
    time.plan(connectedAt + talks, () => {
      lease.release();
      if (this.#hungUpEarly(asked.campaign, talks)) this.#next();
      else this.#settle(asked, { planned, subjects, lease, conduct }, connectedAt);
    });
  }

  #hungUpEarly({ routing }: Campaign, talks: number): boolean {
    const { onEarlyHangup: early, attempts } = routing;
    const mayRetry = this.#waiting.length > 0 && this.#attempts < attempts;
    return early !== null && early.retry && mayRetry && talks < early.within;
  }

  #settle(asked: CallToRoute, { planned, subjects, conduct }: Ringing, connectedAt: number): void {
    const { config, settled, tally, performance, time } = this.#stage;
    const campaign = asked.campaign.id;
    const buyer = planned.buyer.id;
    const { publisher } = asked;
    const { answeredAt } = this.#call;
    // Answered by our own menu before a buyer was looked for, or by the buyer's answer.
    const inboundSince = answeredAt !== null && answeredAt <= this.#began ? answeredAt : connectedAt;
    const bid = planned.buyer.bid === null ? undefined : this.#bids.get(buyer);
    const facts = {
      attributes: asked.attributes,
      connectedMs: time.now - connectedAt,
      inboundMs: time.now - inboundSince,
      isAcknowledged: this.#call.cause !== 'no_ack',
      buyer,
      bid: bid?.kind === 'bid' ? BigInt(Math.round(bid.price)) : null,
      campaign,
      publisher,
      endedAt: time.now,
      // What its buyer said of the call that was, another may never have said.
      reported: buyer === this.#call.buyer ? this.#call.reported : nothingReported,
    };
    const { id, startedAt } = this.#call;
    const recorded = { ...facts, call: id, from: asked.caller, startedAt, connectedAt };
    const worth = settle(facts, config.terms, settled.of(recorded));
    const { revenue, payout, converted } = worth;
    settled.add(recorded, worth);
    tally.count(subjects, 'revenue', Number(revenue), time.now);
    performance.add(campaign, buyer, { revenue: Number(revenue) }, time.now);
    if (converted) {
      tally.count(subjects, 'converted', 1, time.now);
      this.#see(campaign, buyer, 'converted');
    }
    this.#close('connected', { buyer, revenue, payout, isDrawn: conduct.from === 'drawn' });
  }

  #close(
    outcome: Decided['outcome'],
    won: Partial<Pick<Decided, 'buyer' | 'revenue' | 'payout' | 'isDrawn'>> = {},
  ): void {
    this.#end({
      call: this.#call,
      outcome,
      campaign: this.#asked?.campaign.id ?? null,
      publisher: this.#asked?.publisher ?? this.#call.publisher,
      buyer: null,
      revenue: 0n,
      payout: 0n,
      isDrawn: false,
      ...won,
    });
  }

  #see(campaign: string, buyer: string, seen: 'attempted' | 'connected' | 'converted'): void {
    const caller = this.#call.from;
    const { tally, time } = this.#stage;
    if (caller !== null) tally.see({ caller, campaign, buyer, seen, at: time.now });
  }

  #world() {
    const { usages, tally, performance, time } = this.#stage;
    const dice = seededDice(seedOf(this.#call.id));
    const trunks = { at: () => allUp, startedThisSecond: () => 0 };
    return worldOf({ usages, tally, performance, trunks, now: () => time.now, dice }, this.#bids);
  }

  #bidsFor(campaign: Campaign): Bids {
    const { table, conducts } = this.#stage;
    return new Map(
      bidders(table, campaign).flatMap(({ id }) => {
        const price = conducts.bid(this.#call, id);
        return price === null ? [] : [[id, { kind: 'bid', price, expiresAt: Infinity }] as const];
      }),
    );
  }
}

/** A record does not tell which trunks were down. */
const allUp = { isUp: () => true, rests: () => null };
const nothingReported: Facts['reported'] = new Map();

interface Ringing {
  readonly planned: PlannedAttempt;
  readonly subjects: readonly Subject[];
  readonly lease: Lease;
  readonly conduct: Conduct;
}

function firstToAnswer(ringing: readonly Ringing[], within: number): Ringing | null {
  const answering = ringing.filter(({ conduct }) => conduct.talks !== null && conduct.rings <= within);
  return answering.reduce<Ringing | null>(
    (first, one) => (first === null || one.conduct.rings < first.conduct.rings ? one : first),
    null,
  );
}

const longest = (ringing: readonly Ringing[], within: number): number =>
  Math.min(
    within,
    Math.max(...ringing.map(({ conduct }) => (conduct.talks === null ? conduct.rings : within))),
  );
