import type { Publisher } from '../../routing/network.ts';
import type { PayoutCap, PayRule } from '../../settlement/terms.ts';
import type { Config, Webhook } from '../config.ts';
import { all, changesOf, instead } from './change.ts';
import type { Change, Teller } from './change.ts';
import { caps, payRules } from './rules.ts';
import { webhookChanges, webhooksFor } from './webhooks.ts';
import { atOnce, listed, payoutCap, span } from './words.ts';

interface PublisherOnTerms extends Publisher {
  /** Its own rules, by campaign. */
  readonly own: ReadonlyMap<string, readonly PayRule[]>;
  readonly hold: number;
  readonly payoutCaps: readonly PayoutCap[];
  readonly webhooks: readonly Webhook[];
}

export function publisherChanges(before: Config, after: Config): Change[] {
  const digits = after.terms.minorDigits;
  return changesOf({
    about: 'publisher',
    before: onTerms(before),
    after: onTerms(after),
    called: ({ name }) => name,
    tell: all<PublisherOnTerms>(
      ({ own: was }, { own: is }) =>
        [...new Set([...was.keys(), ...is.keys()])].flatMap((campaign) => {
          const [old, now] = [was.get(campaign), is.get(campaign)];
          if (now === undefined) return [`earns by the rules of ${campaign} instead of its own`];
          const rules = payRules(`earns in ${campaign}`, `no longer earns in ${campaign}`, digits);
          const said = rules(old ?? [], now);
          return old === undefined ? [`has rules of its own in ${campaign}`, ...said] : said;
        }),
      payoutCaps(digits),
      instead(({ hold }) => hold, 'can be paid', held),
      instead(({ concurrency }) => concurrency, 'sends', atOnce),
      (was, is) => caps(digits)(was.caps, is.caps),
      instead(({ name }) => name, 'is called', String),
      (was, is) => webhookChanges(was.webhooks, is.webhooks),
    ),
    introduce: ({ own }) =>
      own.size === 0
        ? 'earns by the rules of the campaigns'
        : `has rules of its own in ${listed([...own.keys()])}`,
  });
}

function onTerms(config: Config): ReadonlyMap<string, PublisherOnTerms> {
  const { network, terms } = config;
  const own = new Map<string, Map<string, readonly PayRule[]>>();
  for (const [key, { campaign, payout }] of terms.campaigns) {
    const publisher = key.slice(campaign.length + 1);
    if (publisher === '') continue;
    const rules = own.get(publisher) ?? new Map<string, readonly PayRule[]>();
    own.set(publisher, rules.set(campaign, payout));
  }
  return new Map(
    [...network.publishers].map(([id, publisher]) => {
      const { hold, caps: payoutCaps } = terms.publishers.get(id) ?? { hold: terms.hold, caps: [] };
      const webhooks = webhooksFor(config, 'publisher', id);
      return [id, { ...publisher, own: own.get(id) ?? new Map(), hold, payoutCaps, webhooks }];
    }),
  );
}

const held = (hold: number): string =>
  hold === 0 ? 'as soon as a call has ended' : `${span(hold)} after a call`;

const payoutCaps =
  (digits: number): Teller<PublisherOnTerms> =>
  ({ payoutCaps: was }, { payoutCaps: is }) => {
    const [before, after] = [was, is].map((caps) => caps.map((cap) => payoutCap(cap, digits)));
    const gone = before?.filter((cap) => after?.includes(cap) !== true) ?? [];
    const come = after?.filter((cap) => before?.includes(cap) !== true) ?? [];
    return [
      ...come.map((cap) => `earns at most ${cap}`),
      ...gone.map((cap) => `is no longer held to a payout of ${cap}`),
    ];
  };
