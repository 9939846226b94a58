/** What the commands share that correct what was owed. */
import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { CallNamed } from '../records/call-named.ts';
import type { AfterTheCall } from '../records/ledger/after-the-call.ts';
import {
  configOption,
  dataOption,
  jsonOption,
  loadedConfig,
  printable,
  printJson,
  refuse,
  type ConfigOptions,
} from './context.ts';
import { withRecords } from './with-records.ts';

export interface CorrectingOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly by: string;
}

/** Of each of them; `--by` is who answers for it. */
export const correcting = (command: Command): Command =>
  reading(command).addOption(
    new Option('--by <who>', 'who answers for it').default(userInfo().username, 'who runs the command'),
  );

export const reading = (command: Command): Command =>
  command.addOption(configOption()).addOption(dataOption()).addOption(jsonOption());

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

interface Refused {
  readonly ok: false;
  readonly reason: string;
  readonly message: string;
}

/** As JSON, a refusal is an answer, too; the exit code is 1 in either form. */
export function told<Result extends { readonly ok: true } | Refused>(
  result: Result | null,
  json: boolean | undefined,
  view: (done: Extract<Result, { readonly ok: true }>) => object,
  inWords: (done: Extract<Result, { readonly ok: true }>) => string,
): void {
  if (result === null) return;
  if (isDone(result)) {
    if (json === true) printJson({ ok: true, ...view(result) });
    else process.stdout.write(`${printable(inWords(result))}\n`);
  } else if (!result.ok) {
    const { reason, message } = result;
    if (json === true) printJson({ ok: false, reason, message });
    refuse(message);
  }
}

const isDone = <Result extends { readonly ok: true } | Refused>(
  result: Result,
): result is Extract<Result, { readonly ok: true }> => result.ok;
