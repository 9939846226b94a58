import { fromTheStart, lostAfter, paced, readStatus, slowAfter, type Status } from './health.ts';

export interface Watched {
  /** `status`, over the control connection; never settles where that is dead. */
  ask(): Promise<string>;
  onStatus(status: Status): void;
  onPace(isSlow: boolean): void;
  /** Nothing was answered for so long that it counts as lost. */
  onSilent(): void;
}

const askEvery = 1_000;

/** Asks a FreeSWITCH how it does, until the end of the watch, which is returned. `every` is in milliseconds. */
export function watchServer(server: Watched, every = askEvery): () => void {
  let pace = fromTheStart;
  let askedAt: number | null = null;
  let lookedAt = performance.now();
  let isOver = false;

  const take = (tookMs: number) => {
    const before = pace.isSlow;
    pace = paced(pace, tookMs);
    if (pace.isSlow !== before) server.onPace(pace.isSlow);
  };
  const ask = () => {
    askedAt = performance.now();
    void server.ask().then((text) => {
      if (isOver || askedAt === null) return;
      take(performance.now() - askedAt);
      askedAt = null;
      const status = readStatus(text);
      if (status) server.onStatus(status);
    });
  };
  const look = () => {
    const now = performance.now();
    const stalled = now - lookedAt > 2 * every;
    lookedAt = now;
    if (askedAt === null) {
      ask();
      return;
    }
    // We were not looking ourselves: the answer may lie there unread.
    if (stalled) askedAt = now;
    const waited = now - askedAt;
    if (waited > lostAfter) {
      stop();
      server.onSilent();
    } else if (waited > slowAfter) take(waited);
  };
  const timer = setInterval(look, every);
  const stop = () => {
    isOver = true;
    clearInterval(timer);
  };
  ask();
  return stop;
}
