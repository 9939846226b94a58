/** What corrections have in common: they are made in the settlement turn, and told to others once and for all. */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Money } from '../../settlement/money.ts';
import { noteCorrection } from '../corrections.ts';
import type { KnownTerms } from '../loader/known-terms.ts';
import { takeSettlementTurn } from '../loader/settlement-turn.ts';
import type { Schema } from '../schema.ts';
import type { LedgerEntriesTable } from '../schema/money.ts';

export interface Correcting {
  readonly db: Kysely<Schema>;
  readonly terms: KnownTerms;
  readonly now: () => Date;
  /** Tells others of a posting in its own transaction, so that both stand or neither: the place of an outbox. */
  readonly inSameTransaction?: (trx: Transaction<Schema>, corrected: Corrected) => Promise<void>;
  /** It is committed. */
  readonly onCorrected?: (corrected: Corrected) => void;
}

/** What changed what is owed, or whether a call converted. Money in micro-units. */
export interface Corrected {
  /** Null for an adjustment that is of no call. */
  readonly call: string | null;
  readonly kind: Exclude<LedgerEntriesTable['kind'], 'call'>;
  readonly reference: string;
  readonly campaign: string | null;
  /** Null where nothing changed for any. */
  readonly publisher: string | null;
  readonly buyer: string | null;
  /** Null where the number was withheld, and for an adjustment. */
  readonly caller: string | null;
  readonly currency: string;
  readonly minorDigits: number;
  /** By how much more the buyer owes, and the publisher is owed; negative: less. */
  readonly revenue: Money;
  readonly payout: Money;
  /** 1: the call converted by it; -1: it does so no longer. */
  readonly converted: -1 | 0 | 1;
  /** When the call ended: what it is worth counts towards the caps of that instant. Null for an adjustment, which no record shows. */
  readonly endedAt: Date | null;
  readonly at: Date;
  readonly by: string;
  readonly why: string;
}

/** Who makes a correction. */
export interface Who {
  /** `buyer:sunrise`, `network`, the name of an account. */
  readonly name: string;
  /** A buyer may speak of the calls alone that were connected to it; null: the network. */
  readonly buyer: string | null;
}

/** Longer than this a request does not wait for a loader that is busy. */
const patience = '15s';

/** Without money there is no posting. */
export const movesMoney = ({ revenue, payout }: Pick<Corrected, 'revenue' | 'payout'>): boolean =>
  revenue !== 0n || payout !== 0n;

/** The story of one correction; what it changed is told once it is committed, postings in the same transaction too. */
export async function inTurn<Result>(
  { db, inSameTransaction, onCorrected }: Correcting,
  story: (trx: Transaction<Schema>, tell: (corrected: Corrected) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const told: Corrected[] = [];
  const result = await db.transaction().execute(async (trx) => {
    await sql`select set_config('lock_timeout', ${patience}, true)`.execute(trx);
    await takeSettlementTurn(trx);
    return story(trx, async (corrected) => {
      const moves = movesMoney(corrected);
      await noteIfCounted(trx, corrected);
      if (moves) await inSameTransaction?.(trx, corrected);
      if (moves || corrected.converted !== 0) told.push(corrected);
    });
  });
  for (const corrected of told) onCorrected?.(corrected);
  return result;
}

/** An adjustment stands for itself: no limit counts it. */
async function noteIfCounted(trx: Transaction<Schema>, corrected: Corrected): Promise<void> {
  const { campaign, publisher, buyer, caller, revenue, converted, endedAt } = corrected;
  if (endedAt === null || campaign === null || publisher === null || buyer === null) return;
  if (revenue === 0n && converted === 0) return;
  await noteCorrection(trx, { campaign, publisher, buyer, caller, revenue, converted, endedAt });
}
