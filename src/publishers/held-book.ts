/** Who holds which number when, in memory: what a switch routes held numbers by. Times are milliseconds since the epoch. */
import type { Held } from '../routing/held.ts';

export interface Holding {
  readonly id: number;
  readonly number: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly use: 'fixed' | 'visitors';
  readonly paused: boolean;
  readonly from: number;
  /** The first instant that is not its; null: it goes on. */
  readonly until: number | null;
  readonly version: number;
}

/** A number lent to a visit of a publisher's page. */
export interface Loan {
  readonly visit: string;
  readonly number: string;
  readonly publisher: string;
  readonly campaign: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly from: number;
  readonly until: number;
  readonly version: number;
}

export class HeldBook {
  readonly #holdings = new Map<number, Holding>();
  readonly #loans = new Map<string, Loan>();
  readonly #heldBy = new Map<string, Holding[]>();
  readonly #lentTo = new Map<string, Loan[]>();
  /** What ends in the same ten minutes, so that to let go of it is not to look at all the rest. */
  readonly #endings = new Map<number, Set<Holding | Loan>>();
  #versions = { holdings: 0, loans: 0 };

  /** The newest that was taken: what the database has beyond these is news. */
  get versions(): { readonly holdings: number; readonly loans: number } {
    return this.#versions;
  }

  get size(): number {
    return this.#holdings.size;
  }

  holdings(): readonly Holding[] {
    return [...this.#holdings.values()];
  }

  loans(): readonly Loan[] {
    return [...this.#loans.values()];
  }

  /** Each in place of the one with its name, where there was one. */
  take(holdings: readonly Holding[], loans: readonly Loan[]): void {
    for (const holding of holdings) {
      this.#dropHolding(holding.id);
      this.#holdings.set(holding.id, holding);
      add(this.#heldBy, holding);
      this.#endsWith(holding);
    }
    for (const loan of loans) {
      this.#dropLoan(nameOf(loan));
      this.#loans.set(nameOf(loan), loan);
      add(this.#lentTo, loan);
      this.#endsWith(loan);
    }
    this.#versions = {
      holdings: newest(holdings, this.#versions.holdings),
      loans: newest(loans, this.#versions.loans),
    };
  }

  /** Where two claim it, which the database refuses but an old book may know of, it is the newer one's. */
  held(number: string, at: number): Held | null {
    const holding = this.#heldBy.get(number)?.findLast((one) => covers(one, at));
    if (holding === undefined) return null;
    const { campaign, publisher, source, paused, use } = holding;
    const loan =
      use === 'visitors' ? this.#lentTo.get(number)?.findLast((one) => covers(one, at)) : undefined;
    // A loan of whoever held the number before says nothing of this holder's visitors.
    const tags = loan?.publisher === publisher && loan.campaign === campaign ? loan.tags : undefined;
    return { campaign, publisher, source, paused, ...(tags && { tags }) };
  }

  /** Lets go of what ended before, but for the last minutes of it. */
  forget(before: number): void {
    for (const [slot, ended] of this.#endings) {
      if ((slot + 1) * slotMs > before) continue;
      for (const one of ended) {
        if ('visit' in one) this.#dropLoan(nameOf(one));
        else this.#dropHolding(one.id);
      }
    }
  }

  #endsWith(one: Holding | Loan): void {
    if (one.until === null) return;
    const slot = slotOf(one.until);
    const others = this.#endings.get(slot);
    if (others) others.add(one);
    else this.#endings.set(slot, new Set([one]));
  }

  #endsNoMore(one: Holding | Loan): void {
    if (one.until === null) return;
    const slot = slotOf(one.until);
    const others = this.#endings.get(slot);
    others?.delete(one);
    if (others?.size === 0) this.#endings.delete(slot);
  }

  #dropHolding(id: number): void {
    const present = this.#holdings.get(id);
    if (present === undefined) return;
    this.#holdings.delete(id);
    remove(this.#heldBy, present);
    this.#endsNoMore(present);
  }

  #dropLoan(name: string): void {
    const present = this.#loans.get(name);
    if (present === undefined) return;
    this.#loans.delete(name);
    remove(this.#lentTo, present);
    this.#endsNoMore(present);
  }
}

const slotMs = 600_000;
const slotOf = (until: number) => Math.floor(until / slotMs);

const covers = ({ from, until }: Holding | Loan, at: number) => from <= at && (until === null || at < until);

const nameOf = ({ publisher, visit }: Loan) => JSON.stringify([publisher, visit]);

const newest = (changed: readonly { readonly version: number }[], known: number) =>
  changed.reduce((most, { version }) => Math.max(most, version), known);

/** In the order of their beginnings. */
function add<T extends Holding | Loan>(to: Map<string, T[]>, one: T): void {
  const present = to.get(one.number);
  if (present === undefined) to.set(one.number, [one]);
  else {
    present.push(one);
    present.sort((a, b) => a.from - b.from || a.version - b.version);
  }
}

function remove<T extends Holding | Loan>(from: Map<string, T[]>, one: T): void {
  const left = from.get(one.number)?.filter((other) => other !== one) ?? [];
  if (left.length > 0) from.set(one.number, left);
  else from.delete(one.number);
}
