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

export async function readChanges(client: pg.Client, known: Known, now: number): Promise<Changes> {
  const since = new Date(now - keptForMs);
  const holdings = await client.query<HoldingRow>(changedHoldings, [known.holdings, since]);
  const loans = await client.query<LoanRow>(changedLoans, [known.loans, since]);
  return { holdings: holdings.rows.map(holdingOf), loans: loans.rows.map(loanOf) };
}

/** Whether it is behind what is known: then it is another database, or one that was restored. */
export async function wentBack(client: pg.Client, known: Known): Promise<boolean> {
  const { rows } = await client.query<{ last_value: string }>('select last_value from holdings_version');
  return Number(rows[0]?.last_value ?? 0) < Math.max(known.holdings, known.loans);
}

/** A change of one that was known tells its end, however long ago; at a first look what is past is left out. */
const changedHoldings = `
  select id, number, campaign, publisher, source, use, paused, held_from, held_until, version from holdings
   where version > $1 and ($1 > 0 or held_until is null or held_until > $2) order by version`;
const changedLoans = `
  select id, number, publisher, campaign, tags, lent_from, lent_until, version from visits
   where version > $1 and ($1 > 0 or lent_until > $2) order by version`;

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
