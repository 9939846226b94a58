/** Lines a second of one event: whoever can cause them may do so as often as a network carries it. */
const mostLines = 10;
const windowMs = 1_000;

/**
 * Whether one more line of an event may be written in this second. One that may not is counted with its kind, and at the
 * end of the second `sumUp` writes how many those were.
 */
type MayWrite = (event: string, kind: string, sumUp: (lines: number) => void) => boolean;

export function sparingLines(): MayWrite {
  let told = new Map<string, number>();
  let left = new Map<string, { lines: number; readonly sumUp: (lines: number) => void }>();
  let window: NodeJS.Timeout | null = null;

  const closeWindow = () => {
    const summed = left;
    window = null;
    told = new Map();
    left = new Map();
    for (const { lines, sumUp } of summed.values()) sumUp(lines);
  };

  return (event, kind, sumUp) => {
    window ??= setTimeout(closeWindow, windowMs).unref();
    const lines = (told.get(event) ?? 0) + 1;
    told.set(event, lines);
    if (lines <= mostLines) return true;
    const more = left.get(kind);
    if (more === undefined) left.set(kind, { lines: 1, sumUp });
    else more.lines += 1;
    return false;
  };
}
