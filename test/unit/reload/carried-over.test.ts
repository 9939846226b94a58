import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Carriers } from '../../../src/calls/carriers.ts';
import { Trunks } from '../../../src/calls/trunks/trunks.ts';
import type { Carrier } from '../../../src/config/config.ts';
import type { Trunk } from '../../../src/routing/network.ts';

describe('carriers', () => {
  const carrier = (concurrency: number, from = '127.0.0.0/8'): Carrier => ({
    id: 'voxlink',
    from: [from],
    concurrency,
    cps: null,
    refuseWith: 503,
  });

  test('live calls go on counting for a carrier whose limits and addresses changed', () => {
    const carriers = new Carriers([carrier(5)]);
    const leave = [carriers.enter(carrier(5), 0), carriers.enter(carrier(5), 0)];
    carriers.replace([carrier(2, '10.0.0.0/8')]);
    expect(carriers.find('127.0.0.1')).toBeNull();
    const now = carriers.find('10.1.2.3');
    expect(now && carriers.limit(now, 5_000)).toBe('carrier_concurrency');
    leave[0]?.();
    expect(now && carriers.limit(now, 5_000)).toBeNull();
  });
});

const told = { trunkChanged: () => undefined, trunkBreaker: () => undefined };

describe('trunks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const probe = { every: 1_000, downAfter: 2, upAfter: 1 };
  const trunk = (id: string, given: Partial<Trunk> = {}): Trunk => ({
    ...{ id, uri: `sip:${id}`, transport: 'udp', concurrency: null, cps: null, probe },
    ...{ silentAfter: 2_000, breaker: null },
    ...given,
  });

  test('one that is probed as before keeps its state; a changed one counts as up; who is gone is told', async () => {
    const changes: [string, boolean][] = [];
    const down = { probe: () => Promise.resolve('down' as const) };
    const trunks = new Trunks(down, { ...told, trunkChanged: (id, isUp) => void changes.push([id, isUp]) });
    expect(trunks.watch(['a', 'b', 'c'].map((id) => trunk(id)))).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(changes.sort()).toEqual([
      ['a', false],
      ['b', false],
      ['c', false],
    ]);
    expect(trunks.watch([trunk('a', { cps: 7 }), trunk('b', { uri: 'sip:elsewhere' })])).toEqual(['c']);
    expect(['a', 'b', 'c'].map((id) => trunks.isUp(id, Date.now()))).toEqual([false, true, true]);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(trunks.isUp('b', Date.now())).toBe(false);
    trunks.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an answer to a probe of before the change says nothing of the trunk of after', async () => {
    const answers: ((result: 'down') => void)[] = [];
    const slow = { probe: () => new Promise<'down'>((resolve) => answers.push(resolve)) };
    const trunks = new Trunks(slow, told);
    const impatient = { every: 1_000, downAfter: 1, upAfter: 1 };
    trunks.watch([trunk('a', { probe: impatient })]);
    await vi.advanceTimersByTimeAsync(1_000);
    trunks.watch([trunk('a', { probe: impatient, uri: 'sip:elsewhere' })]);
    answers[0]?.('down');
    await vi.advanceTimersByTimeAsync(0);
    expect(trunks.isUp('a', Date.now())).toBe(true);
    trunks.stop();
  });
});
