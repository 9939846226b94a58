// Views of what has ended follow the calls that live: one that lives no longer is soon in the records.

/** @typedef {{ calls(tell: (calls: readonly { id: string }[]) => void, signal: AbortSignal): void }} Live */

/** A call that ended is in the records by then. */
const recordedWithin = 1_500;

/**
 * Tells some time after a call has ended, and no oftener than said: what ends meanwhile is told together.
 * @param {Live} live @param {() => void} tell @param {number} every milliseconds @param {AbortSignal} signal
 */
export function onEnded(live, tell, every, signal) {
  /** @type {ReadonlySet<string>} */
  let alive = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  let told = -Infinity;
  live.calls((now) => {
    const ids = new Set(now.map(({ id }) => id));
    const ended = [...alive].some((id) => !ids.has(id));
    alive = ids;
    if (!ended || soon !== undefined) return;
    soon = setTimeout(
      () => {
        soon = undefined;
        told = performance.now();
        tell();
      },
      Math.max(recordedWithin, told + every - performance.now()),
    );
  }, signal);
  signal.addEventListener('abort', () => clearTimeout(soon));
}
