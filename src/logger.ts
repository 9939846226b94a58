/** The log: JSON lines on standard error, as the config says. */
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config/config.ts';
import { maskNumbers } from './mask-numbers.ts';

interface OpenLog {
  readonly logger: Logger;
  /** From now on as these say. */
  readonly useSettings: (settings: Config['log']) => void;
  /** Writes what waits: to be done before anything else is written there. */
  readonly flush: () => void;
}

/** Milliseconds. A call has some eight lines, each a system call if it is written by itself. */
const gatherFor = 20;
/** Characters. */
const gatherAtMost = 64 * 1024;

export function openLog(settings: Config['log'], to: GatheringStream = standardError()): OpenLog {
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
    flush: () => to.flush?.(),
    useSettings(next) {
      numbers = next.numbers;
      logger.level = next.level;
    },
  };
}

interface GatheringStream extends DestinationStream {
  flush?(): void;
}

function standardError(): GatheringStream {
  const out = destination({ dest: 2, sync: true });
  out.on('error', () => undefined);
  return gather(out);
}

/**
 * Lines go out together, warnings and worse at once with what waited before them, and the last ones before the process ends.
 * Only a process that is killed loses lines, those of the last 20 ms. A log that cannot be written stops nothing else.
 */
export function gather(out: Pick<DestinationStream, 'write'>): GatheringStream {
  let lines = '';
  let due: NodeJS.Timeout | null = null;
  const flush = () => {
    if (due !== null) clearTimeout(due);
    due = null;
    if (lines === '') return;
    const gathered = lines;
    lines = '';
    try {
      out.write(gathered);
    } catch {
      // There is no other place to tell it.
    }
  };
  process.on('exit', flush);
  return {
    flush,
    write(line) {
      lines += line;
      if (!canWait.test(line) || lines.length > gatherAtMost) flush();
      else due ??= setTimeout(flush, gatherFor).unref();
    },
  };
}

const canWait = /^\{"level":"(?:info|debug|trace)"/;
