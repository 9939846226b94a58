import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEvents } from '../../src/events.ts';
import type { Offer } from '../../src/signalling/signalling.ts';
import { sparingLines } from '../../src/sparing-lines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first ten of a second are written, the others summed up by kind, none is lost', () => {
  const summed: [string, number][] = [];
  const mayWrite = sparingLines();
  const refuse = (reason: string) =>
    mayWrite('call_refused', reason, (lines) => void summed.push([reason, lines]));
  const written = Array.from({ length: 25 }, () => refuse('overloaded'));
  expect(written.filter(Boolean)).toHaveLength(10);
  expect(refuse('cps')).toBe(false);
  expect(mayWrite('another', 'another', () => undefined)).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(summed).toEqual([
    ['overloaded', 15],
    ['cps', 1],
  ]);
  expect(refuse('cps')).toBe(true);
});

test('who is refused en masse is counted each time and written down ten times a second', async () => {
  const lines: [string, unknown][] = [];
  const registry = new Registry();
  const events = createEvents((_, event, fields) => void lines.push([event, fields]), registry);
  const offer = { to: '+18005550100', source: { host: '192.0.2.7' } } as Offer;
  for (let call = 0; call < 25; call++) events.refused(offer, 'overloaded', 503);
  expect(lines).toHaveLength(10);
  expect(lines[9]).toEqual([
    'call_refused',
    { reason: 'overloaded', status: 503, source: '192.0.2.7', to: '+18005550100' },
  ]);
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(10)).toEqual([['calls_refused', { reason: 'overloaded', calls: 15 }]]);
  expect(await registry.getSingleMetricAsString('tollbridge_calls_refused_total')).toContain(' 25');
});
