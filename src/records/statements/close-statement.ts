/**
 * Freezes what a publisher is owed, or a buyer owes, up to the end of a month: every line of the ledger up to then that
 * is in no earlier statement. What comes later for that month is in the next one.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import { takeSettlementTurn } from '../loader/settlement-turn.ts';
import type { Schema } from '../schema.ts';
import type { StatementsTable } from '../schema/money.ts';
import type { Month } from './month.ts';

export interface StatementToClose {
  readonly account: StatementsTable['account'];
  readonly party: string;
  readonly month: Month;
  /** Who closes it. */
  readonly by: string;
  /** By the clock of who asks; the month must have ended by that of the database, too. */
  readonly now: Date;
  /** Of a statement in which nothing is. */
  readonly currency: string;
  /** The config names the party; one that it no longer names is known by its lines. */
  readonly isNamed: boolean;
}

export type Closed =
  /** One for each currency in which there is a line; where there is none, an empty one. */
  | { readonly ok: true; readonly ids: readonly string[] }
  | { readonly ok: false; readonly reason: 'not_ended'; readonly endsAt: Date }
  | { readonly ok: false; readonly reason: 'unknown_party' }
  /** An earlier month can still be closed and has lines in no statement, the first of them at `since`. */
  | { readonly ok: false; readonly reason: 'earlier_open'; readonly since: Date }
  /** `later_closed`: that of a later month has what this one would hold. */
  | { readonly ok: false; readonly reason: 'closed' | 'later_closed'; readonly id: string };

export async function closeStatement(db: Kysely<Schema>, asked: StatementToClose): Promise<Closed> {
  const notEnded = { ok: false, reason: 'not_ended', endsAt: asked.month.to } as const;
  if (asked.now < asked.month.to) return notEnded;
  return db.transaction().execute(async (trx) => {
    // No call is half settled while the lines are gathered, and nobody else closes.
    await takeSettlementTurn(trx);
    if (!(await hasEnded(trx, asked.month))) return notEnded;
    const before = await lastClosed(trx, asked);
    if (before && before.month >= asked.month.name)
      return {
        ok: false,
        reason: before.month === asked.month.name ? 'closed' : 'later_closed',
        id: before.id,
      };
    if (!asked.isNamed && !(await hasLines(trx, asked))) return { ok: false, reason: 'unknown_party' };
    const since = await earlierOpen(trx, asked, before?.period_to ?? null);
    if (since !== null) return { ok: false, reason: 'earlier_open', since };
    const sums = await openSums(trx, asked);
    const totals = sums.length > 0 ? sums : [{ currency: asked.currency, sum: 0n }];
    const ids: string[] = [];
    for (const { currency, sum } of totals) ids.push(await freeze(trx, asked, currency, sum));
    return { ok: true, ids };
  });
}

/** A command's clock that is fast would close a month into which calls still come. */
async function hasEnded(trx: Transaction<Schema>, { to }: Month): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`select clock_timestamp() >= ${to} as ended`.execute(trx);
  return rows[0]?.ended === true;
}

/** Of two currencies of one month, either. */
const lastClosed = (trx: Transaction<Schema>, { account, party }: StatementToClose) =>
  trx
    .selectFrom('statements')
    .select(['id', 'month', 'period_to'])
    .where('account', '=', account)
    .where('party', '=', party)
    .orderBy('month', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();

async function hasLines(trx: Transaction<Schema>, { account, party }: StatementToClose): Promise<boolean> {
  const line = await trx
    .selectFrom('ledger_entries')
    .select('id')
    .where('account', '=', account)
    .where('party', '=', party)
    .limit(1)
    .executeTakeFirst();
  return line !== undefined;
}

/** When the first open line lies of a month before this one and after the last that was closed; null where there is none. */
async function earlierOpen(
  trx: Transaction<Schema>,
  asked: StatementToClose,
  closedUpTo: Date | null,
): Promise<Date | null> {
  const { rows } = await sql<{ since: Date | null }>`
    select min(at) as since from ledger_entries
     where ${isOpen(asked)} and at < ${asked.month.from}
       and (${closedUpTo}::timestamptz is null or at >= ${closedUpTo})`.execute(trx);
  return rows[0]?.since ?? null;
}

interface OpenSum {
  readonly currency: string;
  readonly sum: bigint;
}

async function openSums(trx: Transaction<Schema>, asked: StatementToClose): Promise<readonly OpenSum[]> {
  const { rows } = await sql<OpenSum>`
    select currency, sum(amount)::bigint as sum from ledger_entries where ${isOpen(asked)}
     group by currency order by currency`.execute(trx);
  return rows;
}

/** The total is what is owed, whoever owes it: a credit of a publisher's and a debit of a buyer's are both positive. */
async function freeze(
  trx: Transaction<Schema>,
  asked: StatementToClose,
  currency: string,
  sum: bigint,
): Promise<string> {
  const { account, party, month, by, now } = asked;
  const id = statementId(asked, currency);
  await trx
    .insertInto('statements')
    .values({
      ...{ id, account, party, currency, month: month.name },
      period_from: month.from,
      period_to: month.to,
      total: account === 'payable' ? -sum : sum,
      closed_at: now,
      closed_by: by,
    })
    .execute();
  await sql`
    insert into statement_lines (entry_id, statement_id)
    select id, ${id} from ledger_entries where ${isOpen(asked)} and currency = ${currency}`.execute(trx);
  return id;
}

const isOpen = ({ account, party, month }: StatementToClose) => sql<boolean>`
  account = ${account} and party = ${party} and at < ${month.to}
    and not exists (select from statement_lines where entry_id = ledger_entries.id)`;

/** `publisher-clickwise-2026-11-USD`. */
const statementId = ({ account, party, month }: StatementToClose, currency: string): string =>
  [account === 'payable' ? 'publisher' : 'buyer', party, month.name, currency].join('-');
