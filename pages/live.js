// What the switch tells by itself, by server-sent events: one connection for the page, whichever view shows it.

import { miss } from './dom.js';

/** @typedef {import('../src/calls/registry.ts').LiveCall} LiveCall */
/** @typedef {'connecting' | 'live' | 'lost'} Standing */

/** How long a page that nobody sees goes on listening. */
const unseenForMs = 10_000;

/**
 * @param {{ onStanding: (standing: Standing) => void, onRefused: () => void }} options `onRefused`: the switch answers, but
 *   does not let this page listen
 */
export function listen({ onStanding, onRefused }) {
  /** @type {Set<(calls: readonly LiveCall[]) => void>} */
  const watching = new Set();
  /** By id, in the order in which they came; null until they were told. @type {Map<string, LiveCall> | null} */
  let alive = null;
  /** @type {EventSource | null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;

  function open() {
    clearTimeout(soon);
    if (source !== null) return;
    const events = new EventSource('/api/v1/events');
    source = events;
    onStanding('connecting');
    events.addEventListener('open', () => onStanding('live'));
    events.addEventListener('error', () => {
      onStanding('lost');
      // Of a lost connection a browser opens another by itself; after a refusal it gives up, and so it is asked again.
      if (events.readyState !== EventSource.CLOSED) return;
      close();
      soon = setTimeout(open, 5_000);
      onRefused();
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
  }

  function close() {
    clearTimeout(soon);
    source?.close();
    source = null;
  }

  // A browser has six connections to a switch, and each page that listens holds one: a seventh tab would wait for ever.
  const seenOrNot = () => {
    if (!document.hidden) open();
    else {
      clearTimeout(soon);
      soon = setTimeout(close, unseenForMs);
    }
  };
  document.addEventListener('visibilitychange', seenOrNot);
  seenOrNot();

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
      document.removeEventListener('visibilitychange', seenOrNot);
      close();
    },
  };
}

/**
 * Does it now, and again when asked to and as often as said, never twice at once; while it fails, that is told.
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
      await look().then(
        () => miss(look, null),
        (error) => {
          if (!signal.aborted) miss(look, error instanceof Error ? error.message : String(error));
        },
      );
    }
    busy = false;
  };
  const timer = setInterval(() => {
    if (!document.hidden) void now();
  }, every);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    miss(look, null);
  });
  void now();
  return now;
}
