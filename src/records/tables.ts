/** How a routing table comes to stand in the journal: its terms first, in parts, each written once while the switch runs. */
import type { TermsInParts } from '../settlement/terms-parts.ts';
import type { Journal } from './journal/journal.ts';

/** Some fifty kilobytes, a millisecond's work: neither calls nor their own lines wait behind all of it. */
const partsAGroup = 8;

export class Tables {
  readonly #journal: Pick<Journal, 'append' | 'flushed'>;
  readonly #written = new Set<string>();

  constructor(journal: Pick<Journal, 'append' | 'flushed'>) {
    this.#journal = journal;
  }

  /** Resolves when a call may be routed by the table: all of its terms are durable. Waits for a disk that refuses. */
  async write(hash: string, { currency, minorDigits, parts }: TermsInParts, at: number): Promise<void> {
    let appended = 0;
    for (const { digest, text } of parts) {
      if (this.#written.has(digest)) continue;
      this.#journal.append({ type: 'terms', at, digest, terms: text });
      this.#written.add(digest);
      if (++appended % partsAGroup === 0) await this.#journal.flushed();
    }
    const digests = parts.map(({ digest }) => digest);
    const seq = this.#journal.append({ type: 'table', at, hash, currency, minorDigits, parts: digests });
    await this.#journal.flushed(seq);
  }
}
