/** What loads, yet is hardly meant. */
import type { Condition } from '../conditions/condition.ts';
import type { Buyer } from '../routing/network.ts';
import { formatMoney } from '../settlement/money.ts';
import type { Money } from '../settlement/money.ts';
import type { PayRule } from '../settlement/terms.ts';
import type { Config } from './config.ts';
import type { Report } from './report.ts';
import { at, keysOf } from './yaml/tree.ts';
import type { Path, Tree } from './yaml/tree.ts';

export function warn(config: Config, tree: Tree, report: Report): void {
  unused(config, tree, report);
  neverOpen(config, report);
  ringsPastGivingUp(config, report);
  paysMoreThanItEarns(config, report);
  openToStrangers(config, report);
  if (config.engine.sip.kind === 'drachtio' && at(tree, ['engine', 'listen']) !== undefined) {
    report.warning(
      ['engine', 'listen'],
      'is not used: drachtio listens where its own config says',
      'take it away',
      'key',
    );
  }
}

function openToStrangers({ http: { host, token } }: Config, report: Report): void {
  if (token !== null || /^(localhost|127\..*|::1)$/i.test(host)) return;
  report.warning(
    ['http', 'listen'],
    `${host} can be reached from other machines, and there is no token: whoever does sees the live calls`,
    'set http.token, or listen on 127.0.0.1',
  );
}

function unused({ network }: Config, tree: Tree, report: Report): void {
  const campaigns = [...network.campaigns.values()];
  const routed = new Set(campaigns.flatMap(({ routing }) => routing.routes.map(({ buyer }) => buyer)));
  const dialled = new Set([...network.buyers.values()].map(({ trunk }) => trunk));
  const played = new Set(campaigns.map(({ ivr }) => ivr?.id));
  for (const buyer of network.buyers.keys()) {
    if (!routed.has(buyer))
      report.warning(['buyers', buyer], 'no campaign routes to this buyer', 'add a route to it', 'key');
  }
  for (const trunk of network.trunks.keys()) {
    if (!dialled.has(trunk))
      report.warning(['trunks', trunk], 'no buyer is on this trunk', 'name it at a buyer', 'key');
  }
  for (const ivr of keysOf(at(tree, ['ivrs']))) {
    if (!played.has(ivr))
      report.warning(['ivrs', ivr], 'no campaign plays this menu', 'name it at a campaign', 'key');
  }
}

function neverOpen({ network }: Config, report: Report): void {
  for (const { id, hours } of network.buyers.values()) {
    if (hours === 'always') continue;
    const open = [...hours.weekly.values(), ...hours.except.values()].some((ranges) => ranges.length > 0);
    if (!open)
      report.warning(
        ['buyers', id, 'hours'],
        'this buyer is never open',
        'paused: true says so plainly',
        'key',
      );
  }
}

function ringsPastGivingUp({ network }: Config, report: Report): void {
  for (const { id, routing } of network.campaigns.values()) {
    if (routing.ring <= routing.giveUp) continue;
    const path = ['campaigns', id, 'routing', 'ring'];
    report.warning(
      path,
      'is longer than give_up: no buyer rings as long',
      'make ring shorter, or give_up longer',
    );
  }
}

/**
 * An amount to the publisher above the most that a buyer of the campaign can pay, under conditions that this buyer's
 * callers can meet. Only what is plain from single values is judged, so that a warning is always worth reading.
 */
function paysMoreThanItEarns({ network, terms }: Config, report: Report): void {
  for (const [key, { campaign, payout }] of terms.campaigns) {
    const routes = network.campaigns.get(campaign)?.routing.routes ?? [];
    payout.forEach((rule, index) => {
      for (const route of routes) {
        const buyer = network.buyers.get(route.buyer);
        const most = mostPaid(terms.buyers.get(route.buyer)?.revenue ?? []);
        if (buyer === undefined || !exceeds(rule, most) || excludes(buyer, rule.when)) continue;
        const paid = formatMoney(most, terms.minorDigits);
        report.warning(
          [...pathOf(key), index, 'pays'],
          `can exceed the revenue: ${buyer.id} pays at most ${paid}`,
          'pay a share (60%), or narrow its "when"',
        );
        break;
      }
    });
  }
}

function pathOf(key: string): Path {
  const [campaign = '', publisher] = key.split('/');
  return publisher === undefined
    ? ['campaigns', campaign, 'payout']
    : ['publishers', publisher, 'payout', campaign];
}

function mostPaid(revenue: readonly PayRule[]): Money {
  return revenue.reduce(
    (most, { pays }) => (pays.kind === 'flat' && pays.amount > most ? pays.amount : most),
    0n,
  );
}

const exceeds = ({ pays }: PayRule, revenue: Money): boolean =>
  pays.kind === 'flat' ? pays.amount > revenue : pays.ppm > 1_000_000 && revenue > 0n;

/** The buyer accepts only what the rule rules out. */
function excludes(buyer: Buyer, when: readonly Condition[]): boolean {
  return when.some((wanted) =>
    buyer.accepts.some(
      (accepted) =>
        wanted.kind === 'is' &&
        accepted.kind === 'is' &&
        wanted.attribute === accepted.attribute &&
        !wanted.values.some((value) => accepted.values.map(String).includes(String(value))),
    ),
  );
}
