/**
 * Takes entries of a journal to the database exactly once: what they say and the number of the last one are written in
 * one transaction, and entries up to the number found there are passed over.
 */
import type { Kysely, Transaction } from 'kysely';
import type { CallRecord, JournalEvent } from '../events.ts';
import { addPaidOut } from '../paid-out.ts';
import type { Schema } from '../schema.ts';
import { takeSettlementTurn } from './settlement-turn.ts';
import { copyRows } from './copy-rows.ts';
import type { KnownTerms } from './known-terms.ts';
import { jsonOf, type LoadedEntry } from './loaded-journal.ts';
import { makeMonths } from './months.ts';
import { markOf, readPosition, writePosition } from './position.ts';
import { mediaRow } from './rows.ts';
import { settleCalls } from './settle-calls.ts';
import { settledCalls, type SettledCall } from './settled-call.ts';
import { storable } from './storable.ts';

export interface Loaded {
  /** Those too that an earlier try had settled: its commit was made, but the connection broke before it said so. */
  readonly settled: readonly SettledCall[];
  readonly position: number;
  /** Numbers that should have been in between and were not. */
  readonly missing: number;
}

/** What else is to be done with what the entries say, in the transaction that loads them. Throws where it must not be. */
export type InTransaction = (
  trx: Transaction<Schema>,
  loaded: { readonly events: readonly JournalEvent[]; readonly settled: readonly SettledCall[] },
) => Promise<void>;

/** Less is in the database than was: another has taken its place, a replica that was behind or an empty one. */
export class WentBack extends Error {
  override readonly name = 'WentBack';

  constructor(position: number) {
    super(`the database has no more than ${position}, and had more`);
  }
}

/** `loadedBefore`: up to where its writer knows the journal to be loaded. */
export async function loadBatch(
  db: Kysely<Schema>,
  journal: string,
  entries: readonly LoadedEntry[],
  terms: KnownTerms,
  given: { readonly also?: InTransaction; readonly loadedBefore?: number } = {},
): Promise<Loaded> {
  const { also, loadedBefore = 0 } = given;
  return db.transaction().execute(async (trx) => {
    await takeSettlementTurn(trx);
    const start = await readPosition(trx, journal);
    if (start.seq < loadedBefore) throw new WentBack(start.seq);
    const missing = await noteGaps(trx, journal, start.seq, entries);
    const passedOver = eventsOf(entries.filter(({ seq }) => seq <= start.seq));
    const events = eventsOf(entries.filter(({ seq }) => seq > start.seq));
    await keepTerms(trx, events, terms);
    const told = await settledCalls(trx, recordsIn(passedOver));
    const settled = await loadEvents(trx, events, terms);
    await also?.(trx, { events, settled });
    const position = await advance(trx, journal, start.seq, entries.at(-1));
    return { settled: [...told.values(), ...settled], position, missing };
  });
}

/**
 * The same of entries that the database may be behind or ahead of: what it has is passed over call by call. `also` is
 * done of what it was never given, by its position.
 */
export async function loadAgain(
  db: Kysely<Schema>,
  journal: string,
  entries: readonly LoadedEntry[],
  terms: KnownTerms,
  given: { readonly also?: InTransaction; readonly keep: boolean },
): Promise<readonly SettledCall[]> {
  let settled: readonly SettledCall[] = [];
  const load = db.transaction().execute(async (trx) => {
    await takeSettlementTurn(trx);
    const start = await readPosition(trx, journal);
    await noteGaps(
      trx,
      journal,
      start.seq,
      entries.filter(({ seq }) => seq > start.seq),
    );
    const events = eventsOf(entries);
    await keepTerms(trx, events, terms);
    settled = await loadEvents(trx, events, terms);
    const news = eventsOf(entries.filter(({ seq }) => seq > start.seq));
    const ended = new Set(recordsIn(news).map(({ call }) => call));
    await given.also?.(trx, { events: news, settled: settled.filter(({ call }) => ended.has(call)) });
    await advance(trx, journal, start.seq, entries.at(-1));
    if (!given.keep) throw new NotKept();
  });
  await load.catch((error: unknown) => {
    if (!(error instanceof NotKept)) throw error;
  });
  return settled;
}

/** Takes back a transaction that was only to find out. */
class NotKept extends Error {
  override readonly name = 'NotKept';
}

const eventsOf = (entries: readonly LoadedEntry[]): readonly JournalEvent[] =>
  entries.flatMap(({ event, isPlain = false }) =>
    event.type === 'passed over' ? [] : [isPlain ? event : storable(event)],
  );

const recordsIn = (events: readonly JournalEvent[]): readonly CallRecord[] =>
  events.flatMap((event) => (event.type === 'ended' ? [event.record] : []));

async function keepTerms(
  trx: Transaction<Schema>,
  events: readonly JournalEvent[],
  terms: KnownTerms,
): Promise<void> {
  for (const event of events) {
    if (event.type === 'terms') await terms.keepPart(trx, event);
    if (event.type === 'table') await terms.keepTable(trx, event);
  }
}

async function loadEvents(
  trx: Transaction<Schema>,
  events: readonly JournalEvent[],
  terms: KnownTerms,
): Promise<readonly SettledCall[]> {
  const media = events.filter((event) => event.type === 'media');
  const records = await unknownOf(trx, recordsIn(events));
  await makeMonths(
    trx,
    [...records, ...media].map(({ startedAt }) => startedAt),
  );
  const { calls, attempts, ledger, settled, paidOut } = await settleCalls(trx, records, terms);
  await copyRows(trx, [
    ...inParts(calls).map((part) => ['calls', part] as const),
    ['attempts', attempts],
    ['ledger_entries', ledger],
    ['call_media', media.map(mediaRow)],
  ]);
  await addPaidOut(trx, paidOut);
  return settled;
}

/** Theirs are the long rows: while Postgres is at work on some, others are made ready. */
const inParts = (calls: readonly object[]): readonly (readonly object[])[] =>
  Array.from({ length: Math.ceil(calls.length / partSize) }, (_, part) =>
    calls.slice(part * partSize, (part + 1) * partSize),
  );
const partSize = 200;

/** The database may have a call already: a journal that lost its name is read from its start. */
async function unknownOf(
  trx: Transaction<Schema>,
  records: readonly CallRecord[],
): Promise<readonly CallRecord[]> {
  const byName = new Map(records.toReversed().map((record) => [record.call, record]));
  const known = await settledCalls(trx, records);
  return records.filter((record) => byName.get(record.call) === record && !known.has(record.call));
}

async function advance(
  trx: Transaction<Schema>,
  journal: string,
  from: number,
  last: LoadedEntry | undefined,
): Promise<number> {
  if (!last || last.seq <= from) return from;
  await writePosition(trx, journal, { seq: last.seq, mark: markOf(last.event) });
  return last.seq;
}

/** An entry that the database refuses for what it says is kept aside, as text, so that those behind it can pass. */
export async function rejectEntry(
  db: Kysely<Schema>,
  journal: string,
  entry: LoadedEntry,
  error: unknown,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { seq: position } = await readPosition(trx, journal);
    if (entry.seq <= position) return;
    await trx
      .insertInto('journal_rejects')
      .values({ journal, seq: entry.seq, event: jsonOf(entry.event), error: storable(String(error)) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await noteGaps(trx, journal, position, [entry]);
    await advance(trx, journal, position, entry);
  });
}

/** How many numbers are not there. */
async function noteGaps(
  trx: Transaction<Schema>,
  journal: string,
  position: number,
  entries: readonly LoadedEntry[],
): Promise<number> {
  let missing = 0;
  let last = position;
  for (const { seq } of entries) {
    if (seq > last + 1) {
      await trx
        .insertInto('journal_gaps')
        .values({ journal, from_seq: last + 1, to_seq: seq - 1 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      missing += seq - last - 1;
    }
    last = Math.max(last, seq);
  }
  return missing;
}
