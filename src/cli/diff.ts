/** `tollbridge diff OLD NEW`: what would change for whom, if the one config took the place of the other. */
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { kinds } from '../config/diff/change.ts';
import type { Change, Kind } from '../config/diff/change.ts';
import { diffConfigs } from '../config/diff/diff-configs.ts';
import { exit, jsonOption, painter, printJson, printProblems } from './context.ts';

interface DiffOptions {
  readonly json?: boolean;
}

export function diffCommand(): Command {
  return new Command('diff')
    .description('tell in words what changes for whom from one config to another')
    .argument('<old>', 'the config as it was')
    .argument('<new>', 'the config as it would be')
    .addOption(jsonOption())
    .action(async (old: string, changed: string, options: DiffOptions) => {
      const both = await loadBoth(old, changed);
      if (both === null) return;
      const changes = diffConfigs(both.before, both.after);
      if (options.json === true) printJson(diffAsJson(both, changes));
      else printChanges(changes);
    });
}

export interface Both {
  readonly before: Config;
  readonly after: Config;
}

/** Two configs to hold against each other; where one has errors they are printed, and null is the answer. */
export async function loadBoth(old: string, changed: string): Promise<Both | null> {
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
export function diffAsJson({ before, after }: Both, changes: readonly Change[]): object {
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
