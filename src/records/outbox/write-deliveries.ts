/** Happenings become rows of the outbox, one for each endpoint that is to hear of them. */
import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { insertRows } from '../loader/insert-rows.ts';
import type { Schema } from '../schema.ts';
import { bodyFor } from './body.ts';
import type { Happening } from './happening.ts';
import { toldWithin } from './keeping.ts';
import { ownerName, type Subscription } from './subscription.ts';

/** In the transaction that writes what happened. What was written before is passed over. */
export async function writeDeliveries(
  trx: Transaction<Schema>,
  happenings: readonly Happening[],
  subscriptions: readonly Subscription[],
  now: number,
): Promise<void> {
  const rows = happenings
    .filter((happening) => hasTimes(happening) && happening.at > now - toldWithin)
    .flatMap((happening) => rowsOf(happening, subscriptions));
  if (rows.length === 0) return;
  const gone = await trx.selectFrom('webhook_endpoints').select('endpoint').execute();
  const deaf = new Set(gone.map(({ endpoint }) => endpoint));
  await insertRows(
    trx,
    'webhook_deliveries',
    rows.filter(({ endpoint }) => !deaf.has(endpoint)),
  );
}

function rowsOf(happening: Happening, subscriptions: readonly Subscription[]) {
  const { event } = happening;
  const call = event === 'call.corrected' ? happening.correction.callId : happening.call.call;
  return subscriptions.flatMap((subscription) => {
    const body = bodyFor(happening, subscription);
    if (body === null) return [];
    const id = deliveryId(event, call ?? '', happening.reference, subscription.id);
    const { id: endpoint, owner } = subscription;
    return [{ id, endpoint, owner: ownerName(owner), event, call_id: call, body }];
  });
}

/** Free of full stops, by which the signature parts it from what follows. */
function deliveryId(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `evt_${digest.slice(0, 32)}`;
}

/** A line of the journal that names no time is no reason to keep a batch of calls out of the records. */
function hasTimes(happening: Happening): boolean {
  const times = [happening.at];
  if (happening.event !== 'call.corrected') {
    times.push(happening.call.startedAt, happening.call.connectedAt ?? 0);
    if ('end' in happening) times.push(happening.end.endedAt, happening.end.answeredAt ?? 0);
  }
  // The most that a Date can be.
  return times.every((at) => Number.isFinite(at) && Math.abs(at) <= 8.64e15);
}
