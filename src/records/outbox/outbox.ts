/** The outbox as who delivers from it sees it. Each rejects where the database cannot be asked. */
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { claim, type Claimed } from './claim.ts';
import { outboxFigures, type OutboxFigures } from './figures.ts';
import { finish, type Verdict } from './finish.ts';
import { sweep } from './sweep.ts';

export interface Outbox {
  claim(
    free: readonly { readonly endpoint: string; readonly slots: number }[],
    leaseMs: number,
  ): Promise<readonly Claimed[]>;
  finish(claimed: Pick<Claimed, 'id' | 'endpoint' | 'claims'>, verdict: Verdict): ReturnType<typeof finish>;
  sweep(): Promise<number>;
  figures(): Promise<OutboxFigures>;
}

export const outboxOf = (db: Kysely<Schema>): Outbox => ({
  claim: (free, leaseMs) => claim(db, free, leaseMs),
  finish: (claimed, verdict) => finish(db, claimed, verdict),
  sweep: () => sweep(db),
  figures: () => outboxFigures(db),
});
