/** Looks for numbers that the config gives to one while another holds them: the config wins, and somebody must be told. */
import type { Events } from '../events.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { numberClashes } from '../publishers/clashes.ts';
import type { Given } from '../publishers/given.ts';
import type { Records } from '../records/open-records.ts';

interface Watched {
  readonly db: Records['db'];
  readonly given: () => Given;
  readonly events: Pick<Events, 'numbersClash'>;
  readonly log: Log;
  /** What could not be looked for is looked for then. */
  readonly everyMs?: number;
  /** Changes that come together are looked at together. */
  readonly gatherMs?: number;
}

export interface ClashWatch {
  /** Looks soon. Nobody waits for it: calls are routed as the config says either way. */
  changed(): void;
  /** Waits for the looks under way. */
  stop(): Promise<void>;
}

/** Looks at once, soon after each change, and every few minutes. */
export function watchClashes(watched: Watched): ClashWatch {
  const { everyMs = 180_000, gatherMs = 5_000 } = watched;
  const looks = oneAtATime(() => lookForClashes(watched));
  let soon: NodeJS.Timeout | undefined;
  let isStopped = false;
  void looks.look();
  const timer = setInterval(() => void looks.look(), everyMs);
  return {
    changed: () => {
      if (isStopped) return;
      soon ??= setTimeout(() => {
        soon = undefined;
        void looks.look();
      }, gatherMs);
    },
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      clearTimeout(soon);
      await looks.over();
    },
  };
}

/** Looks once; never rejects. */
export async function lookForClashes({ db, given, events, log }: Watched): Promise<void> {
  try {
    events.numbersClash(await numberClashes(db, given()));
  } catch (error) {
    log('warn', 'number_clashes_unknown', { error: messageOf(error) });
  }
}
