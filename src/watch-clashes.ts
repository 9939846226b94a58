/** Looks for numbers that the config gives to one while another holds them: the config wins, and somebody must be told. */
import type { Events } from './events.ts';
import type { Log } from './log.ts';
import { messageOf } from './message-of.ts';
import { numberClashes } from './publishers/clashes.ts';
import type { Given } from './publishers/given.ts';
import type { Records } from './records/open-records.ts';

interface Watched {
  readonly db: Records['db'];
  readonly given: () => Given;
  readonly events: Pick<Events, 'numbersClash'>;
  readonly log: Log;
}

/** Looks once; never rejects. Calls do not wait for it: they are routed as the config says either way. */
export const lookForClashes =
  ({ db, given, events, log }: Watched) =>
  async (): Promise<void> => {
    try {
      events.numbersClash(await numberClashes(db, given()));
    } catch (error) {
      log('warn', 'number_clashes_unknown', { error: messageOf(error) });
    }
  };
