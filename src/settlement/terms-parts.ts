/**
 * Terms in parts, for thousands of buyers have terms of megabytes and no call can wait for them. Each part is a small
 * book of its own; what belongs to a buyer or a campaign is found by its id, without a look at the others. Parts are
 * named by what they say: tables that differ in one buyer share all parts but that buyer's.
 */
import { createHash } from 'node:crypto';
import { termsToJson } from './terms-json.ts';
import type { BuyerTerms, PayoutTerms, PublisherTerms, TermsBook } from './terms.ts';

export interface TermsInParts {
  readonly currency: string;
  readonly minorDigits: number;
  /** A power of two of them; `partOf` tells which holds whose terms. */
  readonly parts: readonly TermsPart[];
}

export interface TermsPart {
  /** Of the text: the same terms have the same name in every table. */
  readonly digest: string;
  /** A TermsBook in its JSON form. */
  readonly text: string;
}

/** Some 10 kB of text: a fraction of a millisecond to write, to read and to understand. */
const termsAPart = 40;

/** The same book, in whatever order, comes to the same parts. */
export function inParts(book: TermsBook): TermsInParts {
  const { buyers, campaigns, publishers, ...common } = book;
  let count = 1;
  while (count * termsAPart < buyers.size + campaigns.size + publishers.size) count *= 2;
  const books = Array.from({ length: count }, () => ({
    ...common,
    buyers: new Map<string, BuyerTerms>(),
    campaigns: new Map<string, PayoutTerms>(),
    publishers: new Map<string, PublisherTerms>(),
  }));
  for (const [id, terms] of inOrder(buyers)) books[partOf(id, count)]?.buyers.set(id, terms);
  for (const [key, terms] of inOrder(campaigns)) {
    books[partOf(terms.campaign, count)]?.campaigns.set(key, terms);
  }
  for (const [id, terms] of inOrder(publishers)) books[partOf(id, count)]?.publishers.set(id, terms);
  const parts = books.map((part): TermsPart => {
    const text = JSON.stringify(termsToJson(part));
    return { digest: digestOf(text), text };
  });
  return { currency: common.currency, minorDigits: common.minorDigits, parts };
}

/**
 * Which of `parts` holds the terms of this buyer or publisher, or of this campaign with what it pays each of them (FNV-1a). Tables that were
 * written are read by it: another way of telling would need another kind of table.
 */
export function partOf(id: string, parts: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 16)) & (parts - 1);
}

export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32);

const inOrder = <Terms>(terms: ReadonlyMap<string, Terms>): readonly (readonly [string, Terms])[] =>
  [...terms].sort(([a], [b]) => (a < b ? -1 : 1));
