/**
 * The journal's line of a connection names the call and the buyer, no more. What was said of the call before, when it
 * was offered and routed, is noted in the transaction that loads those lines, and let go of with the call's end.
 */
import { sql, type Transaction } from 'kysely';
import type { CallIdentity, JournalEvent } from '../events.ts';
import type { Schema } from '../schema.ts';

/** A call that was offered, with what is known of it by now. */
export interface LiveCall extends CallIdentity {
  readonly startedAt: number;
}

/** Those of these events' calls that were offered since somebody asked for it, as they stand after these events. */
export async function noteLiveCalls(
  trx: Transaction<Schema>,
  events: readonly JournalEvent[],
): Promise<ReadonlyMap<string, LiveCall>> {
  const live = new Map<string, LiveCall>();
  for (const event of events) if (event.type === 'offered') live.set(event.call, offeredCall(event));
  const earlier = events.flatMap((event) =>
    (event.type === 'routed' || event.type === 'connected') && !live.has(event.call) ? [event.call] : [],
  );
  for (const call of await noted(trx, earlier)) live.set(call.call, call);

  const changed = new Set(events.flatMap((event) => (event.type === 'offered' ? [event.call] : [])));
  for (const event of events) {
    const call = event.type === 'routed' ? live.get(event.call) : undefined;
    if (event.type !== 'routed' || !call) continue;
    live.set(call.call, { ...call, attributes: event.attributes });
    changed.add(call.call);
  }
  const ended = new Set(events.flatMap((event) => (event.type === 'ended' ? [event.record.call] : [])));
  await note(
    trx,
    [...changed].flatMap((id) => live.get(id) ?? []).filter(({ call }) => !ended.has(call)),
  );
  if (ended.size > 0)
    await trx
      .deleteFrom('webhook_calls')
      .where('call_id', 'in', [...ended])
      .execute();
  return live;
}

function offeredCall({
  at,
  call,
  from,
  to,
  carrier,
  campaign,
  publisher,
  source,
  attributes,
  table,
}: Extract<JournalEvent, { type: 'offered' }>): LiveCall {
  return { startedAt: at, call, from, to, carrier, campaign, publisher, source, attributes, table };
}

async function noted(trx: Transaction<Schema>, calls: readonly string[]): Promise<readonly LiveCall[]> {
  if (calls.length === 0) return [];
  const rows = await trx
    .selectFrom('webhook_calls')
    .select('offered')
    .where('call_id', 'in', [...new Set(calls)])
    .execute();
  // Written below, by this or by an earlier run.
  return rows.map(({ offered }) => offered as LiveCall);
}

async function note(trx: Transaction<Schema>, calls: readonly LiveCall[]): Promise<void> {
  if (calls.length === 0) return;
  const rows = calls.map((call) => ({ call_id: call.call, offered: call }));
  await sql`
    insert into webhook_calls (call_id, offered)
    select call_id, offered from json_to_recordset(${JSON.stringify(rows)}::json) as row(call_id text, offered jsonb)
    on conflict (call_id) do update set offered = excluded.offered`.execute(trx);
}
