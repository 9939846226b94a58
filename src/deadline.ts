/** Nothing that another process must answer is awaited without a deadline; what comes late is handed to `onLate`. */
export async function within<T, L>(
  ms: number,
  promise: Promise<T>,
  late: L,
  onLate?: (value: T) => void,
): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  let isLate = false;
  const deadline = new Promise<L>((resolve) => {
    timer = setTimeout(() => {
      isLate = true;
      resolve(late);
    }, ms);
  });
  promise.then(
    (value) => {
      if (isLate) onLate?.(value);
    },
    () => undefined,
  );
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** How finely a standstill of our own is told from a wait. */
const step = 500;

/**
 * As `within`, but of time in which this process ran: after a standstill of its own (a stall, a paused machine) the answer
 * may lie there unread, and timers would be heard before it.
 */
export async function withinAwake<T, L>(ms: number, promise: Promise<T>, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<L>((resolve) => {
    const wait = (left: number) => {
      const began = performance.now();
      timer = setTimeout(() => {
        const stoodStill = performance.now() - began > 2 * step;
        const stillLeft = stoodStill ? left : left - step;
        if (stillLeft > 0) wait(stillLeft);
        else resolve(late);
      }, step);
    };
    wait(ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** A promise with its resolver: for what is settled by an event. Settling twice is harmless. */
export function settleable<T>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}
