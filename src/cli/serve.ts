import { Command } from 'commander';
import type { Switch } from '../main.ts';
import { configOption, dataOption, exit, loadedConfig, refuse, type ConfigOptions } from './context.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'Take calls until stopped: the first SIGTERM or Ctrl-C drains, the second ends the calls at once; SIGHUP looks at the config again',
    )
    .addOption(configOption())
    .addOption(dataOption())
    .action(async (options: ConfigOptions) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const { openLog } = await import('../logger.ts');
      const { logger, useSettings, flush } = openLog(config.log);
      quietConsole(logger);
      copyEnvironment();
      // Past a limit on the length of files a write is refused, as on a full disk; without this the process would end.
      process.on('SIGXFSZ', () => undefined);
      process.on('uncaughtException', (error) => logger.error({ event: 'defect', error: error.stack }));
      process.on('unhandledRejection', (error) => logger.error({ event: 'defect', error: String(error) }));

      const { startSwitch } = await import('../main.ts');
      const started = await startSwitch(config, logger, { data: options.data, onLogSettings: useSettings });
      if (!started.ok) {
        flush();
        for (const problem of started.problem.split('\n')) refuse(problem);
        return;
      }
      const { running } = started;
      process.stdout.write(
        `tollbridge ready: sip ${running.listening.join(' ')} · http ${running.http} · table ${running.table}\n`,
      );
      process.on('SIGHUP', () => void running.reload('signal'));
      process.exitCode = await untilStopped(running, logger);
    });
}

/** Drains at the first signal, ends the calls at the second; a dead engine ends it without a drain. */
async function untilStopped(
  running: Switch,
  logger: { info(fields: object): void; error(fields: object): void },
): Promise<number> {
  let signals = 0;
  const asked = new Promise<null>((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      signals++;
      logger.info({ event: signals === 1 ? 'draining' : 'ending_calls', signal });
      if (signals > 1) void running.hangUp();
      resolve(null);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    whenOrphaned(() => onSignal('SIGTERM'));
  });
  const died = await Promise.race([asked, running.died]);
  if (died) {
    logger.error({ event: 'engine_died', error: died.stack });
    await running.hangUp();
  } else {
    await running.drain();
  }
  await running.stop();
  logger.info({ event: 'stopped' });
  return died ? exit.refused : exit.done;
}

/** npx dies of a SIGTERM without passing it on: what it started must not take calls for nobody. */
function whenOrphaned(stop: () => void): void {
  if (process.env.npm_command === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, 500);
  timer.unref();
}

/**
 * drachtio-srf asks the environment for a setting of its own at each header of each message, some two hundred times a
 * call; the real one is asked through the system's lock each time, a copy answers ten times as fast.
 */
function copyEnvironment(): void {
  process.env = { ...process.env };
}

/** Libraries that write to the console are heard in the log; standard output is ours. */
function quietConsole(logger: { info(fields: object): void; warn(fields: object): void }): void {
  const heard =
    (level: 'info' | 'warn') =>
    (...said: unknown[]) =>
      logger[level]({ event: 'library', said: said.map(String).join(' ').slice(0, 2_000) });
  Object.assign(console, {
    log: heard('info'),
    info: heard('info'),
    warn: heard('warn'),
    error: heard('warn'),
  });
}
