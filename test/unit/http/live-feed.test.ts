/** What listeners of live calls are told, look by look. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveCall } from '../../../src/calls/registry.ts';
import { LiveFeed } from '../../../src/http/live-feed.ts';

let calls: LiveCall[];
let feed: LiveFeed;

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  feed = new LiveFeed(() => calls);
});
afterEach(() => {
  vi.useRealTimers();
});

const aCall = (id: string, publisher = 'clickwise'): LiveCall => ({
  ...{ id, from: '+12145550199', to: '+18005550100', campaign: 'solar', publisher, source: null },
  ...{ state: 'ringing', buyer: 'helio', since: '2026-03-01T12:00:00.000Z', connected_since: null },
});

function listening(publisher: string | null = null) {
  const told: [string, unknown][] = [];
  const state = { behind: false };
  const stop = feed.add({
    ...{ id: 'a-token', publisher, isBehind: () => state.behind },
    send: (event, data) => told.push([event, data]),
  });
  return { told, state, stop };
}

const look = () => vi.advanceTimersByTime(250);

it('tells all at first, then what is other, and nothing while nothing is', () => {
  calls = [aCall('a')];
  const { told } = listening();
  expect(told.splice(0)).toEqual([['live', calls]]);
  look();
  expect(told).toEqual([]);
  const connected = {
    ...aCall('a'),
    state: 'connected' as const,
    connected_since: '2026-03-01T12:00:05.000Z',
  };
  calls = [connected, aCall('b')];
  look();
  expect(told.splice(0)).toEqual([
    ['changed', { changed: calls, gone: [], counts: { live: 2, connected: 1 } }],
  ]);
  calls = [aCall('b')];
  look();
  expect(told).toEqual([['changed', { changed: [], gone: ['a'], counts: { live: 1, connected: 0 } }]]);
});

it('tells a publisher of its own, masked and without the buyer', () => {
  const { told } = listening('clickwise');
  calls = [aCall('mine'), aCall('others', 'leadline')];
  look();
  const { buyer: _, ...shown } = aCall('mine');
  expect(told).toEqual([
    ['live', []],
    ['changed', { changed: [{ ...shown, from: '+1214***' }], gone: [], counts: { live: 1, connected: 0 } }],
  ]);
  calls = [aCall('mine')];
  look();
  expect(told).toHaveLength(2);
});

it('spares who is behind, and tells it everything once it has caught up', () => {
  const { told, state } = listening();
  told.length = 0;
  state.behind = true;
  calls = [aCall('a')];
  look();
  calls = [aCall('b')];
  look();
  expect(told).toEqual([]);
  state.behind = false;
  look();
  expect(told).toEqual([['live', [aCall('b')]]]);
});

it('looks at nothing while nobody listens', () => {
  const { stop } = listening();
  expect([feed.size, feed.countOf('a-token'), feed.countOf('another')]).toEqual([1, 1, 0]);
  stop();
  expect([feed.size, vi.getTimerCount()]).toEqual([0, 0]);
});
