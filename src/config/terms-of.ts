/** What buyers owe, publishers are owed, and under which conditions: the part of a config that settles calls. */
import type { BuyerTerms, PayoutTerms, PublisherTerms, TermsBook } from '../settlement/terms.ts';
import type { Sections } from './schema.ts';

export function termsOf({ network, buyers, campaigns, publishers }: Sections): TermsBook {
  return {
    currency: network.currency.code,
    minorDigits: network.currency.minorDigits,
    timezone: network.timezone,
    hold: network.hold,
    buyers: new Map([...buyers].map(([id, buyer]) => [id, buyerTerms(id, buyer)])),
    campaigns: new Map([
      ...[...campaigns].map(([id, campaign]) => [id, campaignTerms(id, campaign)] as const),
      ...ownTerms(campaigns, publishers),
    ]),
    publishers: new Map(
      [...publishers].flatMap(([id, publisher]) => publisherTerms(id, publisher, network.hold)),
    ),
  };
}

type Of<K extends 'buyers' | 'campaigns' | 'publishers'> =
  Sections[K] extends ReadonlyMap<string, infer T> ? T : never;

const buyerTerms = (buyer: string, { revenue, once_per_caller: within }: Of<'buyers'>): BuyerTerms => ({
  buyer,
  revenue,
  oncePerCaller: within ?? null,
});

const campaignTerms = (
  campaign: string,
  { payout, once_per_caller: within, disputes }: Of<'campaigns'>,
): PayoutTerms => ({
  campaign,
  payout,
  oncePerCaller: within ?? null,
  disputes: { within: disputes.within ?? null, payout: disputes.payout },
});

/** Publishers' own rules; all else is the campaign's. */
function ownTerms(
  campaigns: Sections['campaigns'],
  publishers: Sections['publishers'],
): [key: string, PayoutTerms][] {
  return [...publishers].flatMap(([publisher, { payout }]) =>
    Object.entries(payout).flatMap(([id, own]): [string, PayoutTerms][] => {
      const campaign = campaigns.get(id);
      return campaign === undefined
        ? []
        : [[`${id}/${publisher}`, { ...campaignTerms(id, campaign), payout: own }]];
    }),
  );
}

/** Those that differ from what holds of everybody. */
function publisherTerms(
  publisher: string,
  { hold, payout_caps: written }: Of<'publishers'>,
  usual: number,
): [string, PublisherTerms][] {
  if (hold === undefined && written.length === 0) return [];
  const caps = written.map(({ limit, per, campaign = null }) => ({ limit, per, campaign }));
  return [[publisher, { publisher, hold: hold ?? usual, caps }]];
}
