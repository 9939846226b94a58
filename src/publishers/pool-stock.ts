/** How many numbers each pool could give out now, looked at every so often: who runs short hears of it before it refuses. */
import type { Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { Given, GivenPool } from './given.ts';
import { countFree } from './free-numbers.ts';

export interface Stock {
  readonly pool: string;
  readonly free: number;
  /** Fewer are free than the config's `low`. */
  readonly isLow: boolean;
}

interface StockOptions {
  readonly db: Kysely<Schema>;
  readonly given: () => Given & {
    readonly pools: ReadonlyMap<string, GivenPool & { readonly low: number }>;
  };
  readonly now: () => Date;
  /** All pools, at each look; null where the database could not be asked. */
  readonly onStock: (stock: readonly Stock[] | null) => void;
  readonly everyMs?: number;
}

/** Looks at once, and then every so often. Returns what ends it. */
export function watchStock({ db, given, now, onStock, everyMs = 30_000 }: StockOptions): () => Promise<void> {
  let looking: Promise<void> | null = null;
  const look = () => {
    looking ??= stockOf(db, given(), now())
      .then(onStock, () => onStock(null))
      .finally(() => (looking = null));
  };
  look();
  const timer = setInterval(look, everyMs);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

async function stockOf(
  db: Kysely<Schema>,
  given: ReturnType<StockOptions['given']>,
  now: Date,
): Promise<readonly Stock[]> {
  const stock: Stock[] = [];
  for (const [pool, { low }] of given.pools) {
    const free = await countFree(db, given, pool, now);
    stock.push({ pool, free, isLow: free < low });
  }
  return stock;
}
