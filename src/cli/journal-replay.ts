/** `tollbridge journal replay`: what is still in the journal, loaded again. The switch must not run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config/config.ts';
import type { Records } from '../records/open-records.ts';
import type { Refusal, Replayed } from '../records/replay-journal.ts';
import { exit, loadedConfig, printJson, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { withRecords } from './with-records.ts';

interface ReplayOptions extends ReadingOptions {
  readonly from?: number;
  readonly rejects?: boolean;
  readonly dryRun?: boolean;
}

export function replayCommand(): Command {
  return reading(new Command('replay'))
    .description(
      'load what is still in the journal again, passing over what the database has; exit 1 where it refuses some of it',
    )
    .option('--from <number>', 'the first entry to load; else the first that is there', entryNumber)
    .option('--rejects', 'try what the database refused before, too')
    .option('--dry-run', 'find out what would be done, and change nothing')
    .action(replay);
}

async function replay(options: ReplayOptions): Promise<void> {
  const config = await loadedConfig(options);
  if (!config) return;
  const { json = false, dryRun = false } = options;
  // It may be an older dump that was put back: with the journal to itself, it brings that up to date.
  const schema = dryRun ? 'same' : 'any';
  const done = await withRecords(config, (db) => replayed(db, config, options), schema);
  if (done === null) return;
  if (!done.ok) {
    refuse(done.problem, done.hint);
    return;
  }
  const { refused, rejects } = done.replayed;
  if (refused.length > 0 || (rejects?.refused.length ?? 0) > 0) process.exitCode = exit.refused;
  if (json) printJson({ dry_run: dryRun, ...asJson(done.replayed) });
  else print(done.replayed, dryRun);
}

type Outcome =
  | { readonly ok: true; readonly replayed: Replayed }
  | { readonly ok: false; readonly problem: string; readonly hint: string };

async function replayed(db: Records['db'], config: Config, options: ReplayOptions): Promise<Outcome> {
  const [{ replayJournal }, { JournalInUse }, { tellOfCalls }, { subscriptionOf }, { inParts }] =
    await Promise.all([
      import('../records/replay-journal.ts'),
      import('../records/journal/lock.ts'),
      import('../records/outbox/tell-of-calls.ts'),
      import('../webhooks/subscription-of.ts'),
      import('../settlement/terms-parts.ts'),
    ]);
  const { from = null, rejects = false, dryRun = false } = options;
  const dir = join(config.data, 'journal');
  const missing = { ok: false, problem: `there is no journal in ${dir}`, hint: '' } as const;
  if (!existsSync(dir)) return missing;
  const subscriptions = config.webhooks.map(subscriptionOf);
  try {
    const done = await replayJournal({
      ...{ db, dir, from, rejects, dryRun },
      table: { hash: config.hash, terms: inParts(config.terms) },
      also: tellOfCalls(() => subscriptions),
    });
    return done ? { ok: true, replayed: done } : missing;
  } catch (error) {
    if (!(error instanceof JournalInUse)) throw error;
    const hint =
      'a running switch loads what the database lacks by itself; stop it to load anew what is there';
    return { ok: false, problem: error.message, hint };
  }
}

const asJson = ({ firstSeq, lastSeq, ...done }: Replayed): object => ({
  ...done,
  first_seq: firstSeq,
  last_seq: lastSeq,
});

function print(done: Replayed, dryRun: boolean): void {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { journal, position, entries, firstSeq, lastSeq, calls, loaded, refused, damage, rejects } = done;
  say(`journal ${journal}, of which the database had said that it has all up to ${position}`);
  const numbers = firstSeq === null ? '' : `, numbers ${firstSeq} to ${lastSeq ?? firstSeq}`;
  say(`read: ${entries} entries${numbers}; ends of calls among them: ${calls}`);
  say(`${dryRun ? 'would be loaded' : 'loaded'}: ${loaded} calls that the database did not have`);
  for (const { segment, offset, reason } of damage) say(`damaged: ${segment}, byte ${offset}: ${reason}`);
  refusals(refused, say);
  if (!rejects) return;
  say(`of ${rejects.tried} entries refused before, ${rejects.loaded} ${dryRun ? 'would be' : 'are'} loaded`);
  refusals(rejects.refused, say);
}

function refusals(refused: readonly Refusal[], say: (line: string) => void): void {
  for (const { seq, error } of refused) say(`refused: number ${seq}: ${error}`);
}

function entryNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError(`"${text}" is no number of an entry: journal status tells them`);
}
