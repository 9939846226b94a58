import type { Publisher } from '../../routing/network.ts';
import type { PayRule } from '../../settlement/terms.ts';
import type { Config } from '../config.ts';
import { all, changesOf, instead } from './change.ts';
import type { Change } from './change.ts';
import { caps, payRules } from './rules.ts';
import { atOnce, listed } from './words.ts';

interface PublisherOnTerms extends Publisher {
  /** Its own rules, by campaign. */
  readonly own: ReadonlyMap<string, readonly PayRule[]>;
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
      instead(({ concurrency }) => concurrency, 'sends', atOnce),
      (was, is) => caps(digits)(was.caps, is.caps),
      instead(({ name }) => name, 'is called', String),
    ),
    introduce: ({ own }) =>
      own.size === 0
        ? 'earns by the rules of the campaigns'
        : `has rules of its own in ${listed([...own.keys()])}`,
  });
}

function onTerms({ network, terms }: Config): ReadonlyMap<string, PublisherOnTerms> {
  const own = new Map<string, Map<string, readonly PayRule[]>>();
  for (const [key, { campaign, payout }] of terms.campaigns) {
    const publisher = key.slice(campaign.length + 1);
    if (publisher === '') continue;
    const rules = own.get(publisher) ?? new Map<string, readonly PayRule[]>();
    own.set(publisher, rules.set(campaign, payout));
  }
  return new Map(
    [...network.publishers].map(([id, publisher]) => [id, { ...publisher, own: own.get(id) ?? new Map() }]),
  );
}
