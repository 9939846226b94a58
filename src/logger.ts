/** The log: JSON lines on standard error, as the config says. */
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config/config.ts';
import { maskNumbers } from './mask-numbers.ts';

interface OpenLog {
  readonly logger: Logger;
  /** From now on as these say. */
  readonly useSettings: (settings: Config['log']) => void;
}

/** Milliseconds. A call has some eight lines, each a system call if it is written by itself. */
const gatherFor = 20;
/** Characters. */
const gatherAtMost = 64 * 1024;

export function openLog(settings: Config['log'], to: DestinationStream = standardError()): OpenLog {
  let { numbers } = settings;
  const logger = pino(
    {
      base: null,
      level: settings.level,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => (numbers === 'masked' ? { ...maskNumbers(fields) } : fields),
      },
    },
    to,
  );
  return {
    logger,
    useSettings(next) {
      numbers = next.numbers;
      logger.level = next.level;
    },
  };
}

/** Lines go out together, the last of them before the process ends; a SIGKILL loses those of the last 20 ms. */
function standardError(): DestinationStream {
  const out = destination({ dest: 2, sync: true });
  let lines = '';
  let due: NodeJS.Timeout | null = null;
  const flush = () => {
    if (due !== null) clearTimeout(due);
    due = null;
    if (lines === '') return;
    const gathered = lines;
    lines = '';
    out.write(gathered);
  };
  process.on('exit', flush);
  return {
    write(line) {
      lines += line;
      if (lines.length > gatherAtMost) flush();
      else due ??= setTimeout(flush, gatherFor).unref();
    },
  };
}
