import { formatMoney } from '../../settlement/money.ts';
import type { Money } from '../../settlement/money.ts';
import type { PayRule } from '../../settlement/terms.ts';
import { contradiction } from '../conditions/can-hold.ts';
import { anyCall } from '../conditions/domains.ts';
import { payoutPath } from './unreached-rules.ts';
import type { Judged } from './warn.ts';

/** An amount to the publisher above the most that a buyer of the campaign can pay, for calls that this buyer accepts. */
export function paysTooMuch({ config, calls, report }: Judged): void {
  const { network, terms } = config;
  const most = new Map([...terms.buyers].map(([buyer, { revenue }]) => [buyer, mostPaid(revenue)]));
  for (const [key, { campaign, payout }] of terms.campaigns) {
    const routes = network.campaigns.get(campaign)?.routing.routes ?? [];
    const domains = calls.get(campaign)?.domains ?? anyCall;
    payout.forEach((rule, index) => {
      for (const route of routes) {
        const buyer = network.buyers.get(route.buyer);
        const paid = most.get(route.buyer) ?? 0n;
        // What a bidder pays is not known before it bids.
        if (buyer === undefined || buyer.bid !== null || !exceeds(rule, paid)) continue;
        if (contradiction([...buyer.accepts, ...rule.when], domains) !== null) continue;
        const message = `can exceed the revenue: ${buyer.id} pays at most ${formatMoney(paid, terms.minorDigits)}`;
        report.warning(
          [...payoutPath(key), index, 'pays'],
          message,
          'pay a share (60%), or narrow its "when"',
        );
        break;
      }
    });
  }
}

function mostPaid(revenue: readonly PayRule[]): Money {
  return revenue.reduce(
    (most, { pays }) => (pays.kind === 'flat' && pays.amount > most ? pays.amount : most),
    0n,
  );
}

const exceeds = ({ pays }: PayRule, revenue: Money): boolean =>
  pays.kind === 'flat' ? pays.amount > revenue : pays.ppm > 1_000_000 && revenue > 0n;
