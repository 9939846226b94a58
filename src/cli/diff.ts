/** `tollbridge diff OLD NEW`: what would change for whom, if the one config took the place of the other. */
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { kinds } from '../config/diff/change.ts';
import type { Change, Kind } from '../config/diff/change.ts';
import { diffConfigs } from '../config/diff/diff-configs.ts';
import { withOverrides } from '../config/overrides.ts';
import type { Comparison } from '../replay/compare.ts';
import { dataOption, exit, jsonOption, painter, printJson, printProblems, refuse } from './context.ts';
import { parseSpan, printReplay, replayAsJson, replaySpan, replayOption } from './diff-replay.ts';

interface DiffOptions {
  readonly json?: boolean;
  readonly data?: string;
  readonly replay?: string;
}

export function diffCommand(): Command {
  return new Command('diff')
    .description('tell in words what changes for whom from one config to another')
    .argument('<old>', 'the config as it was')
    .argument('<new>', 'the config as it would be')
    .addOption(replayOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (old: string, changed: string, options: DiffOptions, command: Command) => {
      const both = await loadBoth(old, changed);
      if (both === null) return;
      const changes = diffConfigs(both.before, both.after);
      const moved = await moves(both, options, command);
      if (moved === null) return;
      if (options.json === true) {
        const replay = moved && { replay: replayAsJson(moved, both.after) };
        printJson({ ...diffAsJson(both, changes), ...replay });
        return;
      }
      printChanges(changes);
      if (moved) printReplay(moved, both.after);
    });
}

/** Undefined: not asked for. Null: the records cannot be read, and that was told. */
async function moves(
  { before, after }: Both,
  { replay, data }: DiffOptions,
  command: Command,
): Promise<Comparison | null | undefined> {
  if (replay === undefined) return undefined;
  const span = parseSpan(replay, after.timezone);
  if (!span.ok) return command.error(`error: ${span.message}: ${span.hint}`, { exitCode: exit.wrongUsage });
  const config = withOverrides(after, { data, env: process.env });
  if (config.ok) return replaySpan(before, config.value, span.value);
  refuse(config.message, config.hint);
  return null;
}

export interface Both {
  readonly before: Config;
  readonly after: Config;
}

/** Two configs to hold against each other; where one has errors they are printed, and null is the answer. */
async function loadBoth(old: string, changed: string): Promise<Both | null> {
  const { loadConfig } = await import('../config/load.ts');
  const [before, after] = [await loadConfig(old, process.env), await loadConfig(changed, process.env)];
  for (const { problems } of [before, after]) {
    const errors = problems.filter(({ severity }) => severity === 'error');
    printProblems(errors, process.stderr);
  }
  if (before.ok && after.ok) return { before: before.config, after: after.config };
  process.exitCode = exit.refused;
  return null;
}

/** Tables are named by their hashes: the same hash routes and settles every call the same way. */
function diffAsJson({ before, after }: Both, changes: readonly Change[]): object {
  return { before: before.hash, after: after.hash, same_table: before.hash === after.hash, changes };
}

export function printChanges(changes: readonly Change[]): void {
  const { stdout } = process;
  const paint = painter(stdout);
  if (changes.length === 0) stdout.write('nothing changes for anyone\n');
  for (const kind of kinds) {
    const ofKind = changes.filter(({ about }) => about === kind);
    if (ofKind.length === 0) continue;
    stdout.write(`${paint('green', headings[kind])}\n${ofKind.map(({ text }) => `  ${text}\n`).join('')}`);
  }
}

const headings: Readonly<Record<Kind, string>> = {
  switch: 'Switch',
  carrier: 'Carriers',
  pool: 'Pools',
  trunk: 'Trunks',
  buyer: 'Buyers',
  menu: 'Menus',
  campaign: 'Campaigns',
  publisher: 'Publishers',
  number: 'Numbers',
};
