/** A payout that can exceed the most which a buyer of the campaign can pay, for calls that this buyer accepts. */
import { durations } from '../../conditions/condition.ts';
import type { Condition } from '../../conditions/condition.ts';
import { formatSeconds } from '../../conditions/duration.ts';
import { amountOf, asksFor } from '../../settlement/amount-of.ts';
import { formatMoney } from '../../settlement/money.ts';
import type { Money } from '../../settlement/money.ts';
import type { PayRule } from '../../settlement/terms.ts';
import { contradiction } from '../conditions/can-hold.ts';
import { anyCall } from '../conditions/domains.ts';
import { payoutPath } from './unreached-rules.ts';
import type { Judged } from './judged.ts';

export function paysTooMuch({ config, calls, report }: Judged): void {
  const { network, terms, limits } = config;
  for (const [key, { campaign, payout }] of terms.campaigns) {
    const routes = network.campaigns.get(campaign)?.routing.routes ?? [];
    const domains = calls.get(campaign)?.domains ?? anyCall;
    payout.forEach((rule, index) => {
      for (const route of routes) {
        const buyer = network.buyers.get(route.buyer);
        if (buyer === undefined) continue;
        const revenue = terms.buyers.get(buyer.id)?.revenue ?? [];
        const paid: Paid = { revenue, isBidder: buyer.bid !== null, minorDigits: terms.minorDigits };
        const excess = firstExcess(rule, paid, limits.maxCall, (also) => {
          const asked = [...buyer.accepts, ...rule.when, ...asksFor(rule.pays), ...also];
          return contradiction(asked, domains) === null;
        });
        if (excess === null) continue;
        const message = `can exceed the revenue: ${excess.of(buyer.id)}`;
        const hint = rule.pays.kind === 'share' ? 'at most 100%' : 'pay a share (60%), or narrow its "when"';
        report.warning([...payoutPath(key), index, 'pays'], message, hint);
        break;
      }
    });
  }
}

/** What a buyer pays for calls. */
interface Paid {
  readonly revenue: readonly PayRule[];
  readonly isBidder: boolean;
  readonly minorDigits: number;
}

interface Excess {
  /** `sunrise pays at most 38.00`, `after 90 s it is 30.00, and sunrise pays at most 1.80`. */
  readonly of: (buyer: string) => string;
}

function firstExcess(
  rule: PayRule,
  paid: Paid,
  maxCall: number,
  isCall: (also: readonly Condition[]) => boolean,
): Excess | null {
  const { pays } = rule;
  const { revenue, isBidder, minorDigits } = paid;
  if (pays.kind === 'share') {
    const isPaid = revenue.length > 0 && mostAt(maxCall, paid) !== 0n;
    if (pays.ppm <= 1_000_000 || !isPaid || !isCall([])) return null;
    return { of: (buyer) => `it is more than the whole of what ${buyer} pays` };
  }
  // What a bidder pays is not known before it bids.
  if (isBidder) return null;
  const money = (amount: Money): string => formatMoney(amount, minorDigits);
  const isTimed = [rule, ...revenue].some(isByTime);
  for (const time of isTimed ? timesToTry(rule, paid, maxCall) : [maxCall]) {
    const most = mostAt(time, paid);
    const amount = amountAt(time, pays, minorDigits);
    if (most === null || amount <= most || !isCall(isTimed ? lasting(time) : [])) continue;
    const when = isTimed ? `after ${formatSeconds(time)} it is ${money(amount)}, and ` : '';
    return { of: (buyer) => `${when}${buyer} pays at most ${money(most)}` };
  }
  return null;
}

const isByTime = ({ pays }: PayRule): boolean => asksFor(pays).length > 0;

/** Both clocks, of a call that was answered by its buyer. */
const lasting = (time: number): readonly Condition[] =>
  ['connected', 'inbound'].map((attribute) => ({ kind: 'is', attribute, values: [time] }));

/** As if all conditions held: that a short call pays only one side is a choice. Null where no bound is known. */
function mostAt(time: number, { revenue, isBidder, minorDigits }: Paid): Money | null {
  if (isBidder || revenue.some(({ pays }) => pays.kind === 'reported')) return null;
  const amounts = revenue.map(({ pays }) => amountAt(time, pays, minorDigits));
  return amounts.reduce((most, amount) => (amount > most ? amount : most), 0n);
}

const amountAt = (time: number, pays: PayRule['pays'], minorDigits: number): Money =>
  amountOf(pays, { connectedMs: time, inboundMs: time, reported: new Map(), revenue: 0n }, minorDigits);

/** Where an amount jumps, and the longest call: beyond, nothing is new. */
function timesToTry({ pays, when }: PayRule, { revenue }: Paid, maxCall: number): readonly number[] {
  const named = [{ pays, when }, ...revenue].flatMap((rule) => [
    ...rule.when.flatMap(boundsIn),
    ...tiersIn(rule.pays),
  ]);
  const near = named.flatMap((bound) => [bound - 1, bound, bound + 1]);
  return [...new Set([1, ...near, maxCall])]
    .filter((time) => time > 0 && time <= maxCall)
    .sort((a, b) => a - b);
}

const tiersIn = (pays: PayRule['pays']): readonly number[] =>
  'tiers' in pays ? pays.tiers.map(({ from }) => from) : [];

function boundsIn(condition: Condition): readonly number[] {
  switch (condition.kind) {
    case 'is':
      return [];
    case 'compare':
      return isClock(condition.attribute) ? [condition.value] : [];
    case 'between':
      return isClock(condition.attribute) ? [condition.from, condition.to] : [];
    case 'not':
      return boundsIn(condition.condition);
    case 'any':
    case 'all':
      return condition.conditions.flatMap(boundsIn);
  }
}

const isClock = (attribute: string): boolean => durations.has(attribute);
