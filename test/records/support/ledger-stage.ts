/** Calls in a real database, settled by the loader, and what can be said of them afterwards. */
import { sql, type Transaction } from 'kysely';
import type { CallRecord, JournalEvent } from '../../../src/records/events.ts';
import { afterTheCall, type AfterTheCall } from '../../../src/records/ledger/after-the-call.ts';
import type { Corrected, Who } from '../../../src/records/ledger/correcting.ts';
import { KnownTerms } from '../../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../../src/records/loader/load-batch.ts';
import type { Records } from '../../../src/records/open-records.ts';
import type { Schema } from '../../../src/records/schema.ts';
import type { LedgerEntriesTable } from '../../../src/records/schema/money.ts';
import { termsToJson } from '../../../src/settlement/terms-json.ts';
import type { TermsBook } from '../../../src/settlement/terms.ts';
import { ended, terms } from './a-call.ts';

const day = 86_400_000;

/** As a-call's; `brightside` pays 10.00, and half of each sale that it reports; the network bears disputes about roofing. */
export const book: TermsBook = {
  ...terms,
  hold: 7 * day,
  buyers: new Map([
    ...terms.buyers,
    [
      'brightside',
      {
        buyer: 'brightside',
        revenue: [
          {
            pays: { kind: 'reported', name: 'sale', ppm: 500_000, round: 'half_even' },
            when: [{ kind: 'is', attribute: 'reported.sale', values: ['yes'] }],
          },
          { pays: { kind: 'flat', amount: 10_000_000n }, when: [] },
        ],
        oncePerCaller: null,
      },
    ],
  ]),
  campaigns: new Map([
    [
      'solar',
      {
        ...terms.campaigns.get('solar')!,
        oncePerCaller: null,
        disputes: { within: 30 * day, payout: 'reverse' },
      },
    ],
    [
      'roofing',
      {
        campaign: 'roofing',
        payout: [{ pays: { kind: 'share', ppm: 600_000, round: 'half_even' }, when: [] }],
        oncePerCaller: null,
        disputes: { within: null, payout: 'keep' },
      },
    ],
  ]),
};

export const network: Who = { name: 'network', buyer: null };
export const buyer = (name: string): Who => ({ name: `buyer:${name}`, buyer: name });

export interface LedgerStage extends AfterTheCall {
  readonly db: Records['db'];
  /** Every correction that was told of after its commit. */
  readonly told: Corrected[];
  now: Date;
  inSameTransaction: ((trx: Transaction<Schema>, corrected: Corrected) => Promise<void>) | undefined;
  load(...records: readonly CallRecord[]): Promise<void>;
  call(id: string): Promise<{
    revenue: bigint;
    payout: bigint;
    margin: bigint;
    revenue_reason: string;
    payout_reason: string;
    converted: boolean;
  }>;
  lines(call: string | null): Promise<readonly Line[]>;
  /** What each account of the call, or of all, comes to; those at zero are left out. */
  balance(call?: string): Promise<Readonly<Record<string, bigint>>>;
}

type Line = Pick<
  LedgerEntriesTable,
  | 'kind'
  | 'account'
  | 'party'
  | 'amount'
  | 'campaign'
  | 'currency'
  | 'at'
  | 'corrects'
  | 'payable_at'
  | 'made_by'
  | 'why'
> & {
  id: bigint;
  reference: string;
};

/** `given.table-c` is the book above; others are told by hash. */
export async function ledgerStage(
  db: Records['db'],
  given: Readonly<Record<string, TermsBook>> = {},
): Promise<LedgerStage> {
  const known = new KnownTerms();
  let seq = 0;
  const load = async (events: readonly JournalEvent[]) => {
    const entries = events.map((event) => ({ seq: (seq += 1), event }));
    await loadBatch(db, 'a-journal', entries, known);
  };
  const books = { 'table-c': book, ...given };
  await load(
    Object.entries(books).map(([hash, one]) => ({ type: 'table', at: 0, hash, terms: termsToJson(one) })),
  );
  const told: Corrected[] = [];
  const stage: LedgerStage = {
    ...afterTheCall({
      db,
      terms: known,
      now: () => stage.now,
      inSameTransaction: async (trx, corrected) => stage.inSameTransaction?.(trx, corrected),
      onCorrected: (corrected) => told.push(corrected),
    }),
    ...{ db, told },
    now: new Date('2026-03-10T12:00:00Z'),
    inSameTransaction: undefined,
    load: (...records) => load(records.map(ended)),
    call: (id) =>
      db
        .selectFrom('calls')
        .select(['revenue', 'payout', 'margin', 'revenue_reason', 'payout_reason', 'converted'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow(),
    lines: (call) =>
      db
        .selectFrom('ledger_entries')
        .selectAll()
        .where('call_id', call === null ? 'is' : '=', call)
        .orderBy('id')
        .execute(),
    balance: async (call) => {
      const { rows } = await sql<{ account: string; sum: bigint }>`
        select account || ' ' || party as account, sum(amount)::bigint as sum from ledger_entries
         where ${call ?? null}::text is null or call_id = ${call ?? null}
         group by 1 having sum(amount) <> 0 order by 1`.execute(db);
      return Object.fromEntries(rows.map(({ account, sum }) => [account, sum]));
    },
  };
  return stage;
}
