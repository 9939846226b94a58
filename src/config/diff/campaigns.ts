import { basename } from 'node:path';
import type { Campaign, RepeatCaller, RoutingRules } from '../../routing/network.ts';
import type { DisputeTerms, PayoutTerms } from '../../settlement/terms.ts';
import type { Config } from '../config.ts';
import { once } from './buyers.ts';
import { all, changesOf, instead, where } from './change.ts';
import type { Change, Teller } from './change.ts';
import { routeChanges } from './routes.ts';
import { caps, payRules } from './rules.ts';
import { answers, atOnce, counted, listed, orNone, percent, span } from './words.ts';

interface CampaignOnTerms extends Campaign {
  readonly terms: PayoutTerms;
}

export function campaignChanges(before: Config, after: Config): Change[] {
  const digits = after.terms.minorDigits;
  const rules = payRules('pays publishers', 'no longer pays publishers', digits);
  return changesOf({
    about: 'campaign',
    before: onTerms(before),
    after: onTerms(after),
    called: ({ name }) => name,
    tell: all<CampaignOnTerms>(
      ({ terms: was }, { terms: is }) => rules(was.payout, is.payout),
      instead(({ terms }) => terms.oncePerCaller, 'pays publishers', once),
      instead(({ terms }) => terms.disputes.within, 'can be disputed', disputable),
      instead(({ terms }) => terms.disputes.payout, 'on an accepted dispute has publishers', disputed),
      (was, is) => routing(was.routing, is.routing),
      routeChanges(digits),
      instead(({ concurrency }) => concurrency, 'takes', atOnce),
      (was, is) => caps(digits)(was.caps, is.caps),
      instead(({ repeatCaller }) => repeatCaller, 'treats a repeat caller', repeat),
      where(
        ({ block }) => block.anonymous,
        (blocks) =>
          blocks ? 'turns away callers who withhold their number' : 'takes callers who withhold their number',
      ),
      blockedCallers,
      instead(({ ivr }) => ivr?.id, 'plays the menu', orNone),
      instead(({ media }) => media, 'carries media', String),
      instead(
        ({ record }) => record,
        'records',
        (record) => (record === 'off' ? 'nothing' : 'what is answered'),
      ),
      instead(({ advertiser }) => advertiser, 'has as its advertiser', orNone),
      instead(({ name }) => name, 'is called', String),
    ),
    introduce: ({ routing: { routes, strategy }, terms }) =>
      [
        `routes to ${listed(routes.map(({ buyer }) => buyer))} by ${strategy}`,
        ...rules([], terms.payout),
      ].join(', '),
  });
}

function onTerms({ network, terms }: Config): ReadonlyMap<string, CampaignOnTerms> {
  return new Map(
    [...network.campaigns].map(([id, campaign]) => {
      const disputes: DisputeTerms = { within: null, payout: 'reverse' };
      const none: PayoutTerms = { campaign: id, payout: [], oncePerCaller: null, disputes };
      return [id, { ...campaign, terms: terms.campaigns.get(id) ?? none }];
    }),
  );
}

const disputable = (within: number | null): string =>
  within === null ? 'at any time' : `within ${span(within)}`;

const disputed = (payout: DisputeTerms['payout']): string =>
  payout === 'reverse' ? 'give back their payout' : 'keep their payout';

const routing = all<RoutingRules>(
  instead(({ strategy }) => strategy, 'orders its buyers by', String),
  where(
    ({ performance }) => performance,
    ({ over, minCalls, explore }) =>
      `looks back ${span(over)}, counts a buyer from ${counted(minCalls, 'attempt')} on and explores ${percent(explore)}`,
  ),
  instead(({ sticky }) => sticky, 'sends a caller back to the buyer that had it', stuck),
  instead(({ failover }) => failover.stop, 'tries no other buyer after', answers),
  instead(({ ring }) => ring, 'lets a buyer ring', span),
  instead(
    ({ attempts }) => attempts,
    'tries',
    (attempts) => counted(attempts, 'buyer'),
  ),
  instead(({ giveUp }) => giveUp, 'gives up after', span),
  instead(
    ({ onEarlyHangup }) => onEarlyHangup,
    'after an early hang-up',
    (early) =>
      early?.retry === true ? `within ${span(early.within)} tries the next buyer` : 'ends the call',
  ),
  instead(({ ringback }) => ringback, 'plays the ringing tone of', String),
  instead(
    ({ noBuyer }) => noBuyer,
    'plays',
    (prompt) =>
      prompt === null
        ? 'nothing where no buyer can be had'
        : `${basename(prompt.play)} where no buyer can be had`,
  ),
);

function stuck(within: number | null): string {
  return within === null ? 'never' : `within ${span(within)}`;
}

const treatments: Readonly<Record<RepeatCaller['treat'], string>> = {
  any: 'as any other',
  same_buyer: 'by sending it to the same buyer',
  other_buyer: 'by sending it to another buyer',
  reject: 'by turning it away',
};

const repeat = (rule: RepeatCaller | null): string =>
  rule === null ? treatments.any : `${rule.seen} within ${span(rule.within)} ${treatments[rule.treat]}`;

const blockedCallers: Teller<Campaign> = ({ block: { callers: was } }, { block: { callers: is } }) => [
  ...[...is].filter((caller) => !was.has(caller)).map((caller) => `turns away ${caller}`),
  ...[...was].filter((caller) => !is.has(caller)).map((caller) => `no longer turns away ${caller}`),
];
