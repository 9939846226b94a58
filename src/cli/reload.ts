/** `tollbridge reload`: the running switch looks at its config again; what is wrong with it is told here. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { Reloaded } from '../reload/reload.ts';
import { askSwitch, detailOf } from './ask-switch.ts';
import { configFile, exit, printJson, printProblems, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';

export function reloadCommand(): Command {
  return reading(new Command('reload'))
    .description('have the running switch take over its changed config; an invalid one changes nothing')
    .action(async (options: ReadingOptions) => {
      const { loadConfig } = await import('../config/load.ts');
      const file = resolve(configFile(options.config));
      const loaded = await loadConfig(file, process.env);
      // Read here to find the switch; what is wrong need not be carried there to be told.
      const result = loaded.ok ? await ask(loaded.config) : { ...loaded, config: file };
      if (result === null) return;
      if (options.json === true) printJson(asJson(result));
      else print(result, file);
      process.exitCode = result.ok ? exit.done : exit.refused;
    });
}

async function ask(config: Config): Promise<Reloaded | null> {
  const answer = await askSwitch(config, 'POST', '/api/v1/reload');
  // Taken over, or refused for its problems; whatever else was said is no answer to that.
  if (answer.ok && (answer.status === 200 || answer.status === 422)) return answer.body as Reloaded;
  if (answer.ok) refuse(`the switch answered ${answer.status}: ${detailOf(answer.body)}`);
  else refuse(answer.message, answer.hint);
  return null;
}

function asJson(result: Reloaded) {
  const { ok, config, problems } = result;
  if (!result.ok) return { ok, config, problems };
  const { table, changed, settings, since, restart } = result;
  return { ok, config, table, changed, settings, since, restart, problems };
}

function print(result: Reloaded, file: string): void {
  const { stdout, stderr } = process;
  printProblems(result.problems, stderr);
  if (result.config !== file) {
    stderr.write(`note: the switch runs on ${result.config}, not on ${file}\n`);
  }
  if (!result.ok) {
    refuse('the switch goes on with the config that it has');
    return;
  }
  const { restart } = result;
  stdout.write(`${inWords(result, Date.now())}\n`);
  if (restart.length > 0) stdout.write(`only a restart changes ${restart.join(', ')}\n`);
}

/** The switch watches the file: whoever asks a moment later is told that it is done. */
const justNow = 60_000;

/** `now`: milliseconds since the epoch. */
export function inWords(
  { table, changed, settings, since }: Extract<Reloaded, { ok: true }>,
  now: number,
): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  if (!changed && seconds * 1000 < justNow)
    return `routes by table ${table}; the config was taken over ${seconds} s ago, nothing has changed since`;
  if (!changed) return `still routes by table ${table}: nothing has changed`;
  const others = settings.length > 0 ? `; new settings in force: ${settings.join(', ')}` : '';
  return `routes by table ${table}${others}`;
}
