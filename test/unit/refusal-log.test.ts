import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RefusalLog } from '../../src/refusal-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first ten of a second are written down, the others summed up by reason, none is lost', () => {
  const lines: [string, Readonly<Record<string, unknown>> | undefined][] = [];
  const log = new RefusalLog((_, event, fields) => void lines.push([event, fields]));
  for (let call = 0; call < 25; call++) log.refused('overloaded', () => ({ to: call }));
  log.refused('cps', () => ({}));
  expect(lines).toHaveLength(10);
  expect(lines[9]).toEqual(['call_refused', { reason: 'overloaded', to: 9 }]);
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(10)).toEqual([
    ['calls_refused', { reason: 'overloaded', calls: 15 }],
    ['calls_refused', { reason: 'cps', calls: 1 }],
  ]);
  log.refused('cps', () => ({}));
  expect(lines.at(-1)).toEqual(['call_refused', { reason: 'cps' }]);
});
