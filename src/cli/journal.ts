/** `tollbridge journal`: what the journal on disk holds, and whether it is whole. The switch may be running. */
import { join } from 'node:path';
import { Command } from 'commander';
import type { Inspection } from '../records/journal/inspect.ts';
import { exit, loadedConfig, printJson, printTable, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { messageOf } from '../message-of.ts';
import { replayCommand } from './journal-replay.ts';

export function journalCommand(): Command {
  return new Command('journal')
    .description('the journal, in which each call is written before anything else hears of it')
    .addCommand(
      reading(new Command('status'))
        .description('what it holds')
        .action(async (options: ReadingOptions) => {
          await inspect(options);
        }),
    )
    .addCommand(
      reading(new Command('verify'))
        .description('is every line there, and as it was written? exit 1 where not')
        .action(async (options: ReadingOptions) => {
          const found = await inspect(options);
          if (found) process.exitCode = found.whole ? exit.done : exit.refused;
        }),
    )
    .addCommand(replayCommand());
}

async function inspect(options: ReadingOptions): Promise<Inspection | null> {
  const config = await loadedConfig(options);
  if (!config) return null;
  const dir = join(config.data, 'journal');
  const { inspectJournal } = await import('../records/journal/inspect.ts');
  const found = await inspectJournal(dir).catch((error: unknown) => {
    refuse(`there is no journal to read in ${dir}: ${messageOf(error)}`);
    return null;
  });
  if (!found) return null;
  if (options.json === true) printJson(found);
  else print(found);
  return found;
}

function print(found: Inspection): void {
  const numbers =
    found.firstSeq === null ? 'none' : `${found.firstSeq} to ${found.lastSeq ?? found.firstSeq}`;
  printTable(
    ['events', 'numbers', 'segments', 'bytes', 'whole'],
    [[found.events, numbers, found.segments, found.bytes, found.whole ? 'yes' : 'no']],
  );
  for (const { segment, offset, reason } of found.damage)
    process.stdout.write(`damaged: ${segment}, byte ${offset}: ${reason}\n`);
  for (const { path, reason } of found.foreign)
    process.stdout.write(`none of this journal: ${path}: ${reason}; the next start moves it to quarantine\n`);
  if (found.quarantined.length > 0) process.stdout.write(`in quarantine: ${found.quarantined.join(', ')}\n`);
  if (found.strangers.length > 0)
    process.stdout.write(`other files, left alone: ${found.strangers.join(', ')}\n`);
  for (const { from, to } of found.gaps) process.stdout.write(`missing: numbers ${from} to ${to}\n`);
  if (found.unfinished > 0)
    process.stdout.write(
      `the last line is unfinished (${found.unfinished} bytes): the next start cuts it off\n`,
    );
}
