import { sparingLines } from '../../sparing-lines.ts';
import type { Log } from '../log.ts';

/** Of each event the first lines of a second go through, what is more than that as one line, `sip.lines_left_out`. */
export function sparingLog(log: Log): Log {
  const mayWrite = sparingLines();
  return (level, event, fields) => {
    const sumUp = (lines: number) => log(level, 'sip.lines_left_out', { of: event, lines });
    if (mayWrite(event, event, sumUp)) log(level, event, fields);
  };
}
