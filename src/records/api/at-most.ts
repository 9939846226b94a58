/**
 * Runs what it is given, so many at once; the others wait for their turn, in the order in which they came, with no
 * connection in their hands. What one rejects with is its own.
 */
export function atMost(many: number): <T>(story: () => Promise<T>) => Promise<T> {
  let free = many;
  const waiting: (() => void)[] = [];
  return async (story) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await story();
    } finally {
      // The place goes to the next without being free in between: nobody who comes now is before who waits.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
