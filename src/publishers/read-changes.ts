/** What of holdings and loans is newer than what a switch knows. Writers take their turns, so that versions come in order. */
import type pg from 'pg';
import type { Holding, Loan } from './held-book.ts';

export interface Known {
  readonly holdings: number;
  readonly loans: number;
}

export interface Changes {
  readonly holdings: readonly Holding[];
  readonly loans: readonly Loan[];
}

/** Of what ended longer ago no call is routed any more. */
export const keptForMs = 24 * 3_600_000;

/** In portions, between which calls have their turn. */
export const readNews = (client: pg.Client, known: Known): AsyncGenerator<Changes> =>
  portions(client, known, null);

/** All that matters at `now`; in portions, too. */
export const readAll = (client: pg.Client, now: number): AsyncGenerator<Changes> =>
  portions(client, { holdings: 0, loans: 0 }, new Date(now - keptForMs));

/** What changes meanwhile has a newer version, and comes in a later portion. */
async function* portions(client: pg.Client, known: Known, since: Date | null): AsyncGenerator<Changes> {
  for (let after = known.holdings, isMore = true; isMore;) {
    const { rows } = await client.query<HoldingRow>(changedHoldings, [after, since]);
    const holdings = rows.map(holdingOf);
    if (holdings.length > 0) yield { holdings, loans: [] };
    after = holdings.at(-1)?.version ?? after;
    isMore = holdings.length === portion;
  }
  for (let after = known.loans, isMore = true; isMore;) {
    const { rows } = await client.query<LoanRow>(changedLoans, [after, since]);
    const loans = rows.map(loanOf);
    if (loans.length > 0) yield { holdings: [], loans };
    after = loans.at(-1)?.version ?? after;
    isMore = loans.length === portion;
  }
}

const portion = 1000;

/** A change of one that was known tells its end, however long ago; where all is read what is past is left out. */
const changedHoldings = `
  select id, number, campaign, publisher, source, use, paused, held_from, held_until, version from holdings
   where version > $1 and ($2::timestamptz is null or held_until is null or held_until > $2)
   order by version limit ${portion}`;
const changedLoans = `
  select id, number, publisher, campaign, tags, lent_from, lent_until, version from visits
   where version > $1 and ($2::timestamptz is null or lent_until > $2)
   order by version limit ${portion}`;

interface HoldingRow {
  readonly id: string;
  readonly number: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly use: 'fixed' | 'visitors';
  readonly paused: boolean;
  readonly held_from: Date;
  readonly held_until: Date | null;
  readonly version: string;
}

interface LoanRow {
  readonly id: string;
  readonly number: string;
  readonly publisher: string;
  readonly campaign: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly lent_from: Date;
  readonly lent_until: Date;
  readonly version: string;
}

function holdingOf({ id, held_from, held_until, version, ...row }: HoldingRow): Holding {
  return {
    ...row,
    id: Number(id),
    from: held_from.getTime(),
    until: held_until?.getTime() ?? null,
    version: Number(version),
  };
}

function loanOf({ id, lent_from, lent_until, version, ...row }: LoanRow): Loan {
  return {
    ...row,
    visit: id,
    from: lent_from.getTime(),
    until: lent_until.getTime(),
    version: Number(version),
  };
}
