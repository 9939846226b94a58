/** `tollbridge check FILE`: everything that is wrong with a config, at once. */
import { Command } from 'commander';
import type { Config, LoadResult } from '../config/config.ts';
import type { HeldByAnother } from '../config/checks/held-numbers.ts';
import { configFile, configOption, exit, jsonOption, painter, printJson, printProblems } from './context.ts';

interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function checkCommand(): Command {
  return new Command('check')
    .description('check a config: everything that is wrong with it, each with its line and a way out')
    .argument('[file]', 'the config to check')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (given: string | undefined, options: CheckOptions) => {
      const result = await checked(configFile(given ?? options.config));
      if (options.json === true) printJson({ ok: result.ok, problems: result.problems });
      else print(result);
      process.exitCode = result.ok ? exit.done : exit.refused;
    });
}

/** Once more, where the records have something against it: then it is told at its place. */
async function checked(file: string): Promise<LoadResult> {
  const { loadConfig } = await import('../config/load.ts');
  const result = await loadConfig(file, process.env);
  const clashes = result.ok ? await clashesWith(result.config) : [];
  return clashes.length === 0 ? result : loadConfig(file, process.env, clashes);
}

async function clashesWith(config: Config): Promise<readonly HeldByAnother[]> {
  const [{ withOverrides }, { holderInWords, numberClashes }, { recordsSay }] = await Promise.all([
    import('../config/overrides.ts'),
    import('../publishers/clashes.ts'),
    import('./with-records.ts'),
  ]);
  const overridden = withOverrides(config, { data: undefined, env: process.env });
  if (!overridden.ok) return [];
  const found = await recordsSay(overridden.value, (db) => numberClashes(db, config));
  return (found ?? []).map(({ number, given, held }) => ({
    number,
    given: holderInWords(given),
    held: `${holderInWords(held)} (application ${held.application})`,
  }));
}

function print(result: LoadResult): void {
  const { stdout } = process;
  const paint = painter(stdout);
  printProblems(result.problems, stdout);
  if (result.ok) {
    const { network, hash } = result.config;
    const { campaigns, buyers, numbers } = network;
    const held = [
      counted(campaigns.size, 'campaign'),
      counted(buyers.size, 'buyer'),
      counted(numbers.size, 'number'),
    ];
    stdout.write(`${paint('green', 'ok')}  ${held.join(', ')}; table ${hash}\n`);
  } else {
    const errors = result.problems.filter(({ severity }) => severity === 'error').length;
    stdout.write(`${paint('red', counted(errors, 'error'))}\n`);
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
