/**
 * Takes entries of a journal to the database exactly once: what they say and the number of the last one are written in
 * one transaction, and entries up to the number found there are passed over.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { JournalEvent } from '../events.ts';
import type { Entry } from '../journal/reader.ts';
import type { Schema } from '../schema.ts';
import { loadCall, settledCalls, type LoadedCall, type SettledCall } from './load-call.ts';
import type { KnownTerms } from './known-terms.ts';
import { markOf, readPosition, writePosition } from './position.ts';
import { storable } from './storable.ts';

export interface Loaded {
  /** Those too that an earlier try had settled: its commit was made, but the connection broke before it said so. */
  readonly settled: readonly SettledCall[];
  readonly position: number;
  /** Numbers that should have been in between and were not. */
  readonly missing: number;
}

export async function loadBatch(
  db: Kysely<Schema>,
  journal: string,
  entries: readonly Entry[],
  terms: KnownTerms,
): Promise<Loaded> {
  return db.transaction().execute(async (trx) => {
    // Switches that share a database settle in turns: each must see the calls that others have billed.
    await sql`select pg_advisory_xact_lock(${settlementTurn})`.execute(trx);
    const calls: LoadedCall[] = [];
    const passedOver: string[] = [];
    let { seq: position, mark } = await readPosition(trx, journal);
    let last: JournalEvent | null = null;
    let missing = 0;
    for (const { seq, event: written } of entries) {
      const event = storable(written);
      if (seq <= position) {
        if (event.type === 'ended') passedOver.push(event.record.call);
        continue;
      }
      if (seq > position + 1) {
        await noteGap(trx, journal, position + 1, seq - 1);
        missing += seq - position - 1;
      }
      if (event.type === 'terms') await terms.keepPart(trx, event);
      if (event.type === 'table') await terms.keepTable(trx, event);
      if (event.type === 'ended') {
        const call = await loadCall(trx, event.record, await terms.of(trx, event.record));
        if (call) calls.push(call);
      }
      position = seq;
      last = written;
    }
    if (last) mark = markOf(last);
    await insertParts(trx, calls);
    await writePosition(trx, journal, { seq: position, mark });
    const settled = [...(await settledCalls(trx, passedOver)), ...calls.map((call) => call.settled)];
    return { settled, position, missing };
  });
}

const settlementTurn = sql.lit('7011550002');

async function insertParts(trx: Transaction<Schema>, calls: readonly LoadedCall[]): Promise<void> {
  const attempts = calls.flatMap((call) => call.attempts);
  if (attempts.length > 0) await trx.insertInto('attempts').values(attempts).execute();
  const entries = calls.flatMap((call) => call.entries);
  if (entries.length > 0) await trx.insertInto('ledger_entries').values(entries).execute();
}

/** An entry that the database refuses for what it says is kept aside, as text, so that those behind it can pass. */
export async function rejectEntry(
  db: Kysely<Schema>,
  journal: string,
  entry: Entry,
  error: unknown,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { seq: position } = await readPosition(trx, journal);
    if (entry.seq <= position) return;
    await trx
      .insertInto('journal_rejects')
      .values({ journal, seq: entry.seq, event: JSON.stringify(entry.event), error: storable(String(error)) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if (entry.seq > position + 1) await noteGap(trx, journal, position + 1, entry.seq - 1);
    await writePosition(trx, journal, { seq: entry.seq, mark: markOf(entry.event) });
  });
}

async function noteGap(trx: Transaction<Schema>, journal: string, from: number, to: number): Promise<void> {
  await trx
    .insertInto('journal_gaps')
    .values({ journal, from_seq: from, to_seq: to })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
