import type { Log } from '../log.ts';

/** Lines a second of one event: most are about what a stranger sent, who may send it as often as a network carries it. */
const mostLines = 10;
const windowMs = 1_000;

interface Left {
  readonly level: Parameters<Log>[0];
  lines: number;
}

/** Of each event the first lines of a second go through, what is more than that as one line, `sip.lines_left_out`. */
export function sparingLog(log: Log): Log {
  let told = new Map<string, number>();
  let left = new Map<string, Left>();
  let window: NodeJS.Timeout | null = null;

  const sumUp = () => {
    const summed = left;
    window = null;
    told = new Map();
    left = new Map();
    for (const [of, { level, lines }] of summed) log(level, 'sip.lines_left_out', { of, lines });
  };

  return (level, event, fields) => {
    window ??= setTimeout(sumUp, windowMs).unref();
    const lines = (told.get(event) ?? 0) + 1;
    told.set(event, lines);
    if (lines <= mostLines) {
      log(level, event, fields);
      return;
    }
    const more = left.get(event) ?? { level, lines: 0 };
    more.lines += 1;
    left.set(event, more);
  };
}
