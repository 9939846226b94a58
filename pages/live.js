// What the switch tells by itself, by server-sent events: one connection for the page, whichever view shows it.

/** @typedef {import('../src/calls/registry.ts').LiveCall} LiveCall */
/** @typedef {'connecting' | 'live' | 'lost'} Standing */

/** @param {{ onStanding: (standing: Standing) => void }} options */
export function listen({ onStanding }) {
  /** @type {Set<(calls: readonly LiveCall[]) => void>} */
  const watching = new Set();
  /** By id, in the order in which they came; null until they were told. @type {Map<string, LiveCall> | null} */
  let alive = null;
  let source = open();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;

  function open() {
    const events = new EventSource('/api/v1/events');
    onStanding('connecting');
    events.addEventListener('open', () => onStanding('live'));
    events.addEventListener('error', () => {
      onStanding('lost');
      // Of a lost connection a browser opens another by itself; after a refusal it gives up, and so it is asked again.
      if (events.readyState === EventSource.CLOSED) again = setTimeout(() => (source = open()), 5_000);
    });
    events.addEventListener('live', ({ data }) => {
      const calls = /** @type {readonly LiveCall[]} */ (JSON.parse(data));
      alive = new Map(calls.map((call) => [call.id, call]));
      tellAll();
    });
    events.addEventListener('changed', ({ data }) => {
      if (alive === null) return;
      /** @type {{ changed: readonly LiveCall[], gone: readonly string[] }} */
      const { changed, gone } = JSON.parse(data);
      for (const id of gone) alive.delete(id);
      for (const call of changed) alive.set(call.id, call);
      tellAll();
    });
    return events;
  }

  function tellAll() {
    const calls = [...(alive?.values() ?? [])];
    for (const tell of watching) tell(calls);
  }

  return {
    /** Tells the calls that live, now and at each change. @param {(calls: readonly LiveCall[]) => void} tell @param {AbortSignal} signal */
    calls(tell, signal) {
      watching.add(tell);
      signal.addEventListener('abort', () => watching.delete(tell));
      if (alive !== null) tell([...alive.values()]);
    },
    close() {
      clearTimeout(again);
      source.close();
    },
  };
}

/**
 * Does it now, and again when asked to and as often as said, never twice at once; what fails once is done at the next turn.
 * @param {() => Promise<unknown>} look @param {number} every milliseconds @param {AbortSignal} signal
 */
export function keepLooking(look, every, signal) {
  let busy = false;
  let asked = false;
  const now = async () => {
    asked = true;
    if (busy) return;
    busy = true;
    while (asked && !signal.aborted) {
      asked = false;
      await look().catch(() => undefined);
    }
    busy = false;
  };
  const timer = setInterval(() => {
    if (!document.hidden) void now();
  }, every);
  signal.addEventListener('abort', () => clearInterval(timer));
  void now();
  return now;
}
