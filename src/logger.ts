/** The log: JSON lines on standard error, as the config says. */
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config/config.ts';
import { maskNumbers } from './mask-numbers.ts';

interface OpenLog {
  readonly logger: Logger;
  /** From now on as these say. */
  readonly useSettings: (settings: Config['log']) => void;
}

export function openLog(
  settings: Config['log'],
  to: DestinationStream = destination({ dest: 2, sync: true }),
): OpenLog {
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
