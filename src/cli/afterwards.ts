/** What the commands share that correct what was owed. */
import type { Config } from '../config/config.ts';
import type { CallNamed } from '../records/call-named.ts';
import type { AfterTheCall } from '../records/ledger/after-the-call.ts';
import { loadedConfig, type ConfigOptions } from './context.ts';
import { withRecords } from './with-records.ts';

/**
 * Null where there are no records, which is told then. `prepare` reads what depends on the config, and may throw wrong
 * usage. A switch may be running on the records.
 */
export async function afterwards<Result>(
  options: ConfigOptions,
  prepare: (config: Config) => (after: AfterTheCall, named: CallNamer) => Promise<Result>,
): Promise<Result | null> {
  const config = await loadedConfig(options);
  if (!config) return null;
  const ask = prepare(config);
  const [{ afterTheCall }, { KnownTerms }, { tellOfCorrections }, { subscriptionOf }, { callNamed }] =
    await Promise.all([
      import('../records/ledger/after-the-call.ts'),
      import('../records/loader/known-terms.ts'),
      import('../records/outbox/tell-of-corrections.ts'),
      import('../webhooks/subscription-of.ts'),
      import('../records/call-named.ts'),
    ]);
  return withRecords(config, (db) =>
    ask(
      afterTheCall({
        ...{ db, terms: new KnownTerms(), now: () => new Date() },
        // A switch delivers what is written here.
        inSameTransaction: tellOfCorrections(() => config.webhooks.map(subscriptionOf)),
      }),
      (beginning) => callNamed(db, beginning),
    ),
  );
}

/** Finds the call that a person means by an id, or by how it begins. */
type CallNamer = (beginning: string) => Promise<CallNamed>;
