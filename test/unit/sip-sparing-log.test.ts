import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sparingLog } from '../../src/embedded/sip/sparing-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('of each event the first ten of a second are written down, how many more came is told, none is lost', () => {
  const lines: unknown[] = [];
  const log = sparingLog((...line) => lines.push(line));
  for (let sent = 0; sent < 25; sent++) log('warn', 'sip.unsupported_method', { sent });
  log('info', 'sip.malformed', { reason: 'no CSeq' });
  expect(lines).toHaveLength(11);
  expect(lines.slice(9)).toEqual([
    ['warn', 'sip.unsupported_method', { sent: 9 }],
    ['info', 'sip.malformed', { reason: 'no CSeq' }],
  ]);
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(11)).toEqual([
    ['warn', 'sip.lines_left_out', { of: 'sip.unsupported_method', lines: 15 }],
  ]);
  log('warn', 'sip.unsupported_method', { sent: 25 });
  expect(lines.at(-1)).toEqual(['warn', 'sip.unsupported_method', { sent: 25 }]);
});
