/** Who holds which number when, in memory: what a switch routes held numbers by. Times are milliseconds since the epoch. */

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

export interface HeldAt {
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly paused: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

export class HeldBook {
  readonly #holdings = new Map<number, Holding>();
  readonly #loans = new Map<string, Loan>();
  readonly #heldBy = new Map<string, Holding[]>();
  readonly #lentTo = new Map<string, Loan[]>();
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
    }
    for (const loan of loans) {
      this.#dropLoan(nameOf(loan));
      this.#loans.set(nameOf(loan), loan);
      add(this.#lentTo, loan);
    }
    this.#versions = {
      holdings: newest(holdings, this.#versions.holdings),
      loans: newest(loans, this.#versions.loans),
    };
  }

  held(number: string, at: number): HeldAt | null {
    const holding = this.#heldBy.get(number)?.find((one) => covers(one, at));
    if (holding === undefined) return null;
    const { campaign, publisher, source, paused, use } = holding;
    const loan =
      use === 'visitors' ? this.#lentTo.get(number)?.findLast((one) => covers(one, at)) : undefined;
    // A loan of whoever held the number before says nothing of this holder's visitors.
    const tags = loan?.publisher === publisher && loan.campaign === campaign ? loan.tags : undefined;
    return { campaign, publisher, source, paused, ...(tags && { tags }) };
  }

  /** Lets go of what ended before. */
  forget(before: number): void {
    for (const { id, until } of this.#holdings.values()) {
      if (until !== null && until < before) this.#dropHolding(id);
    }
    for (const loan of this.#loans.values()) if (loan.until < before) this.#dropLoan(nameOf(loan));
  }

  #dropHolding(id: number): void {
    const present = this.#holdings.get(id);
    if (present === undefined) return;
    this.#holdings.delete(id);
    remove(this.#heldBy, present);
  }

  #dropLoan(name: string): void {
    const present = this.#loans.get(name);
    if (present === undefined) return;
    this.#loans.delete(name);
    remove(this.#lentTo, present);
  }
}

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
    present.sort((a, b) => a.from - b.from);
  }
}

function remove<T extends Holding | Loan>(from: Map<string, T[]>, one: T): void {
  const left = from.get(one.number)?.filter((other) => other !== one) ?? [];
  if (left.length > 0) from.set(one.number, left);
  else from.delete(one.number);
}
