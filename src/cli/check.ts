/** `tollbridge check FILE`: everything that is wrong with a config, at once. */
import { Command } from 'commander';
import type { LoadResult } from '../config/config.ts';
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
      const { loadConfig } = await import('../config/load.ts');
      const file = configFile(given ?? options.config);
      const result = await loadConfig(file, process.env);
      if (options.json === true) printJson({ ok: result.ok, problems: result.problems });
      else print(result);
      process.exitCode = result.ok ? exit.done : exit.refused;
    });
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
