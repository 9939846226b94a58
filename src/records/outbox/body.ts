/**
 * What an endpoint is told of a happening, by whose it is: a publisher nothing of buyers and revenue, a buyer nothing of
 * publishers and payouts. What is not named here is told to nobody. docs/webhooks.md describes it: version 1.
 */
import { maskedNumber } from '../../masked-number.ts';
import type { CallEnd, CallKnown, CorrectionKnown, Happening, Worth } from './happening.ts';
import type { Owner, Subscription } from './subscription.ts';

/** Null where it is none of the owner's business, or it did not ask. */
export function bodyFor(happening: Happening, subscription: Subscription): string | null {
  if (!subscription.events.includes(happening.event) || !concerns(happening, subscription.owner)) return null;
  const data =
    happening.event === 'call.corrected'
      ? corrected(happening.correction, subscription)
      : {
          ...about(happening.call, subscription),
          ...('end' in happening ? end(happening.call, happening.end) : {}),
          ...('worth' in happening ? worth(happening.worth, subscription.owner) : {}),
        };
  return JSON.stringify({ type: happening.event, version: 1, timestamp: iso(happening.at), data });
}

function concerns(happening: Happening, owner: Owner): boolean {
  if (owner.kind === 'network') return true;
  if (happening.event !== 'call.corrected') return happening.call[owner.kind] === owner.name;
  const { correction } = happening;
  const change = owner.kind === 'publisher' ? correction.payoutChange : correction.revenueChange;
  return correction[owner.kind] === owner.name && change !== null;
}

function about(call: CallKnown, { owner, caller, attributes }: Subscription): object {
  const { carrier, campaign, publisher, source, buyer, from, to } = call;
  const supply = { publisher, source, to };
  return {
    call: call.call,
    campaign,
    ...(owner.kind === 'network' ? { carrier, buyer, ...supply } : {}),
    ...(owner.kind === 'publisher' ? supply : {}),
    ...(owner.kind === 'buyer' ? { buyer } : {}),
    from: caller === 'full' || from === null ? from : maskedNumber(from),
    started_at: iso(call.startedAt),
    connected_at: isoOrNull(call.connectedAt),
    attributes: Object.fromEntries(
      Object.entries(call.attributes).filter(([attribute]) => attributes.includes(attribute)),
    ),
  };
}

const end = ({ connectedAt }: CallKnown, { answeredAt, endedAt, outcome, cause, hungUpBy }: CallEnd) => ({
  answered_at: isoOrNull(answeredAt),
  ended_at: iso(endedAt),
  connected_ms: connectedAt === null ? null : Math.max(0, endedAt - connectedAt),
  outcome,
  cause,
  hung_up_by: hungUpBy,
});

function worth(is: Worth, { kind }: Owner): object {
  const { currency, payout, margin, converted } = is;
  const revenue = { revenue: is.revenue, revenue_reason: is.revenueReason, converted };
  switch (kind) {
    case 'network':
      return { currency, ...revenue, payout, payout_reason: is.payoutReason, margin };
    case 'publisher':
      return { currency, payout, payout_reason: is.payoutReason };
    case 'buyer':
      return { currency, ...revenue };
  }
}

function corrected(correction: CorrectionKnown, subscription: Subscription): object {
  const { owner } = subscription;
  const { kind, reference, call, callId, campaign, by, why } = correction;
  // An adjustment is of one party; the call that it is about has both.
  const publisher = correction.publisher ?? call?.publisher ?? null;
  const buyer = correction.buyer ?? call?.buyer ?? null;
  const isOwn = call !== null && (owner.kind === 'network' || call[owner.kind] === owner.name);
  const [revenue_change, payout_change] = [correction.revenueChange, correction.payoutChange];
  const changes = {
    network: { reference, publisher, buyer, by, why, revenue_change, payout_change },
    // The key and the words of a conversion or dispute are the buyer's; an adjustment speaks to whom it is for.
    publisher: { publisher, payout_change, ...(kind === 'adjustment' ? { reference, why } : {}) },
    buyer: { reference, buyer, revenue_change, why },
  }[owner.kind];
  return {
    call: callId,
    campaign,
    ...(isOwn ? about(call, subscription) : {}),
    kind,
    ...changes,
    ...(owner.kind === 'network' ? { margin_change: correction.marginChange } : {}),
    ...(isOwn && correction.worth ? worth(correction.worth, owner) : { currency: correction.currency }),
  };
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));
