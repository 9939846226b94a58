/**
 * What the last run left in the journal is taken to the database before the first call is taken: the counters are filled
 * from there, once, and whatever is settled from then on was not among it. However long it takes, it says how far it is.
 */
import { answerWhileWaiting } from '../http/while-waiting.ts';
import type { Log } from '../log.ts';
import type { Loader } from '../records/loader/loader.ts';

/** A backlog that is loaded within this is not worth a word. */
const wordEvery = 5_000;

/** Resolves once all that the journal held when it was asked is in the database. */
export async function backlogLoaded(
  loader: Pick<Loader, 'caughtUp' | 'stats'>,
  http: { readonly host: string; readonly port: number },
  log: Log,
  every = wordEvery,
): Promise<void> {
  const loaded = loader.caughtUp();
  const why = () => `loads what the last run left: ${loader.stats().lag} entries of the journal to go`;
  const answering: Promise<() => Promise<void>>[] = [];
  const timer = setInterval(() => {
    const { lag, connected } = loader.stats();
    log('warn', 'loading_backlog', { entries: lag, connected });
    if (answering.length === 0) answering.push(answerWhileWaiting(http, why));
  }, every);
  try {
    await loaded;
  } finally {
    clearInterval(timer);
    for (const stop of await Promise.all(answering)) await stop();
  }
  if (answering.length > 0) log('info', 'backlog_loaded', {});
}
