/** A clock that is set back must not freeze what lasts a second, or what was asked for until a time. */
import { describe, expect, test } from 'vitest';
import { Breaker, failuresToOpen } from '../../../src/bids/breaker.ts';
import { Carriers } from '../../../src/calls/carriers.ts';
import { LastSecond } from '../../../src/calls/trunks/last-second.ts';
import { Trunks } from '../../../src/calls/trunks/trunks.ts';
import type { Carrier } from '../../../src/config/config.ts';

const noon = Date.UTC(2026, 10, 18, 12);
const hour = 3_600_000;
const told = { trunkChanged: () => undefined, trunkBreaker: () => undefined };
const unwatched = { probe: () => Promise.resolve('up' as const) };

test('what happened in the last second, to the millisecond', () => {
  const calls = new LastSecond();
  for (const at of [noon, noon + 400, noon + 400]) calls.happened('voxlink', at);
  expect(calls.count('voxlink', noon + 999)).toBe(3);
  expect(calls.count('voxlink', noon + 1_000)).toBe(2);
  expect(calls.count('voxlink', noon + 1_400)).toBe(0);
  expect(calls.count('another', noon)).toBe(0);
});

describe('set back by an hour', () => {
  test('calls of a trunk in the last second: those that came since', () => {
    const trunks = new Trunks(unwatched, told);
    trunks.started('pbx', noon);
    trunks.started('pbx', noon);
    expect(trunks.startedThisSecond('pbx', noon)).toBe(2);
    expect(trunks.startedThisSecond('pbx', noon - hour)).toBe(0);
    trunks.started('pbx', noon - hour);
    expect(trunks.startedThisSecond('pbx', noon - hour + 1)).toBe(1);
    expect(trunks.startedThisSecond('pbx', noon)).toBe(0);
  });

  test('a trunk that asked for a rest of two minutes does not rest for an hour', () => {
    const trunks = new Trunks(unwatched, told);
    trunks.holdOff('pbx', 120, noon);
    expect(trunks.isUp('pbx', noon + 119_999)).toBe(false);
    expect(trunks.isUp('pbx', noon + 120_000)).toBe(true);
    expect(trunks.isUp('pbx', noon - hour)).toBe(true);
  });

  test('a carrier is not refused for calls of an hour that is yet to come', () => {
    const carrier: Carrier = {
      id: 'voxlink',
      from: ['127.0.0.0/8'],
      concurrency: null,
      cps: 2,
      refuseWith: 503,
    };
    const carriers = new Carriers([carrier]);
    for (const at of [noon, noon + 1]) carriers.enter(carrier, at)();
    expect(carriers.limit(carrier, noon + 2)).toBe('carrier_cps');
    expect(carriers.limit(carrier, noon + 1_001)).toBeNull();
    expect(carriers.limit(carrier, noon - hour)).toBeNull();
  });

  test('an open breaker asks again', () => {
    const breaker = new Breaker();
    for (let n = 0; n < failuresToOpen; n++) {
      const permit = breaker.permit(noon);
      if (permit) breaker.heard(permit, 'failure', noon);
    }
    expect(breaker.permit(noon + 1)).toBeNull();
    expect(breaker.permit(noon - hour)).toEqual({ kind: 'on_trial' });
  });
});
