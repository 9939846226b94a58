import { describe, expect, it } from 'vitest';
import { termsFromJson } from '../../../src/settlement/terms-json.ts';
import { inParts, partOf } from '../../../src/settlement/terms-parts.ts';
import type { BuyerTerms, PayoutTerms, PublisherTerms, TermsBook } from '../../../src/settlement/terms.ts';

const buyer = (n: number, amount = 1_000_000n): [string, BuyerTerms] => {
  const revenue = [{ pays: { kind: 'flat', amount } as const, when: [] }];
  return [`buyer-${n}`, { buyer: `buyer-${n}`, revenue, oncePerCaller: null }];
};
const payout = (key: string, campaign: string): [string, PayoutTerms] => [
  key,
  {
    campaign,
    payout: [{ pays: { kind: 'share', ppm: 600_000, round: 'half_even' }, when: [] }],
    oncePerCaller: 1,
    disputes: { within: null, payout: 'reverse' },
  },
];
const publisher = (id: string): [string, PublisherTerms] => [
  id,
  { publisher: id, hold: 86_400_000, caps: [{ limit: 5_000_000_000n, per: 'month', campaign: null }] },
];
const common = { currency: 'EUR', minorDigits: 2, timezone: 'Europe/Berlin', hold: 7 };
const book = (buyers: readonly [string, BuyerTerms][]): TermsBook => ({
  ...common,
  publishers: new Map(['one', 'two'].map(publisher)),
  buyers: new Map(buyers),
  campaigns: new Map(
    ['solar', 'roofing', 'legal'].flatMap((id) => [
      payout(id, id),
      payout(`${id}/one`, id),
      payout(`${id}/two`, id),
    ]),
  ),
});
const many = Array.from({ length: 1_000 }, (_, n) => buyer(n));

const read = (text: string): TermsBook => {
  const part = termsFromJson(JSON.parse(text));
  if (!part.ok) throw new Error(part.message);
  return part.book;
};

describe('terms in parts', () => {
  it('lose nothing, and each is where its buyer, publisher or campaign says', () => {
    const whole = book(many);
    const { parts, ...rest } = inParts(whole);
    expect(rest).toEqual({ currency: 'EUR', minorDigits: 2 });
    const books = parts.map(({ text }) => read(text));
    expect(new Map(books.flatMap(({ buyers }) => [...buyers]))).toEqual(whole.buyers);
    expect(new Map(books.flatMap(({ campaigns }) => [...campaigns]))).toEqual(whole.campaigns);
    expect(new Map(books.flatMap(({ publishers }) => [...publishers]))).toEqual(whole.publishers);
    for (const part of books) expect(part).toMatchObject(common);
    for (const [id, terms] of whole.buyers)
      expect(books[partOf(id, parts.length)]?.buyers.get(id)).toEqual(terms);
    for (const [id, terms] of whole.publishers)
      expect(books[partOf(id, parts.length)]?.publishers.get(id)).toEqual(terms);
    for (const [key, terms] of whole.campaigns)
      expect(books[partOf(terms.campaign, parts.length)]?.campaigns.get(key)).toEqual(terms);
  });

  it('are about as large as each other: a part of a great book is a few kilobytes', () => {
    const { parts } = inParts(book(many));
    expect(parts).toHaveLength(32);
    for (const { text } of parts) expect(text.length).toBeLessThan(16_000);
  });

  it('of a small book are one, of an empty one, too', () => {
    expect(inParts(book(many.slice(0, 3))).parts).toHaveLength(1);
    const empty: TermsBook = {
      ...common,
      ...{ buyers: new Map(), campaigns: new Map(), publishers: new Map() },
    };
    expect(inParts(empty).parts.map(({ text }) => read(text))).toEqual([empty]);
  });

  it('are the same in whatever order the config lists them', () => {
    expect(inParts(book(many.toReversed()))).toEqual(inParts(book(many)));
  });

  it('change one where one buyer changes', () => {
    const before = new Set(inParts(book(many)).parts.map(({ digest }) => digest));
    const after = inParts(book(many.with(500, buyer(500, 2_000_000n)))).parts;
    expect(after.filter(({ digest }) => !before.has(digest))).toHaveLength(1);
  });

  it('are found as they were when the first tables were written in parts', () => {
    expect(['sunrise', 'helio', 'solar', 'ünïcode', ''].map((id) => partOf(id, 256))).toEqual([
      253, 53, 154, 122, 217,
    ]);
    expect(['sunrise', 'helio', 'solar'].map((id) => partOf(id, 1))).toEqual([0, 0, 0]);
  });
});
