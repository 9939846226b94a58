/** What trunks are at an instant: by their probes, by the calls that went, and by what they asked for. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Verdict } from '../../../../src/calls/trunks/breaker.ts';
import { Trunks, type Tried } from '../../../../src/calls/trunks/trunks.ts';
import type { Trunk } from '../../../../src/routing/network.ts';

const noon = Date.UTC(2026, 10, 18, 12);
const silent: Verdict = { kind: 'silent', deaf: false };
const breaker = { failures: 5, ratio: 0.5, over: 60_000, rest: 30_000 };
const trunk = (id: string, given: Partial<Trunk> = {}): Trunk => ({
  ...{ id, uri: `sip:${id}`, transport: 'udp', concurrency: null, cps: null },
  ...{ silentAfter: 2_000, breaker, ...given },
});

function watched(...all: readonly Trunk[]) {
  const told: string[] = [];
  const trunks = new Trunks(
    { probe: () => Promise.resolve('up') },
    { trunkChanged: () => undefined, trunkBreaker: (id, { kind }) => void told.push(`${id} ${kind}`) },
  );
  trunks.watch(all);
  const fail = (id: string, times: number, at = noon) => {
    for (let call = 0; call < times; call++) trunks.started(id, at).ended(silent, at);
  };
  return { trunks, told, fail };
}

describe('one that fails again and again', () => {
  test('rests, says why, and others do not', () => {
    const { trunks, told, fail } = watched(trunk('pbx'), trunk('other'));
    fail('pbx', 5);
    expect(told).toEqual(['pbx opened']);
    const now = trunks.at(noon);
    expect([now.isUp('pbx'), now.isUp('other')]).toEqual([false, true]);
    expect([now.rests('pbx'), now.rests('other')]).toEqual([
      '5 calls in a row had no answer, until 12:00:30 UTC',
      null,
    ]);
    expect(trunks.at(noon + 29_999).isUp('pbx')).toBe(false);
    expect(trunks.at(noon + 30_000).isUp('pbx')).toBe(true);
  });

  test('is tried by one call: it is down for every other until that tells', () => {
    const { trunks, told, fail } = watched(trunk('pbx'));
    fail('pbx', 5);
    const after = noon + 30_000;
    expect(trunks.at(after).isUp('pbx')).toBe(true);
    const trial = trunks.started('pbx', after);
    expect(trunks.at(after).rests('pbx')).toBe('5 calls in a row had no answer; one call tries it');
    trial.ended({ kind: 'unknown' }, after + 1);
    expect(trunks.at(after + 1).isUp('pbx')).toBe(true);
    trunks.started('pbx', after + 1).rang();
    expect(trunks.at(after + 1).isUp('pbx')).toBe(true);
    expect(told).toEqual(['pbx opened', 'pbx closed']);
  });

  test.each([
    ['has a breaker', breaker],
    ['has none', null],
  ])('is known by another that is heard while we are deaf, one that %s', (_, ofOther) => {
    const { trunks, told } = watched(trunk('dead'), trunk('alive', { breaker: ofOther }));
    const silentWhile = (signOfLife: (alive: Tried) => void) => {
      const unheard = trunks.started('dead', noon);
      signOfLife(trunks.started('alive', noon));
      unheard.ended({ kind: 'silent', deaf: true }, noon);
    };
    for (let call = 0; call < 5; call++) silentWhile((alive) => alive.ended({ kind: 'unknown' }, noon));
    for (let call = 0; call < 2; call++) silentWhile((alive) => alive.rang());
    for (let call = 0; call < 2; call++) silentWhile((alive) => alive.ended({ kind: 'works' }, noon));
    expect(told).toEqual([]);
    silentWhile((alive) => alive.rang());
    expect(told).toEqual(['dead opened']);
  });

  test('is judged by each call once', () => {
    const { trunks, fail } = watched(trunk('pbx'));
    fail('pbx', 3);
    const call = trunks.started('pbx', noon);
    for (let again = 0; again < 5; again++) call.ended(silent, noon);
    expect(trunks.isUp('pbx', noon)).toBe(true);
  });

  test('rests on over a reload that does not change it, and begins anew over one that does', () => {
    const { trunks, told, fail } = watched(trunk('a'), trunk('b'), trunk('c'));
    for (const id of ['a', 'b', 'c']) fail(id, 5);
    trunks.watch([
      trunk('a', { cps: 3 }),
      trunk('b', { uri: 'sip:elsewhere' }),
      trunk('c', { breaker: { ...breaker, rest: 1_000 } }),
    ]);
    expect(['a', 'b', 'c'].map((id) => trunks.isUp(id, noon))).toEqual([false, true, true]);
    expect(told.slice(3)).toEqual(['b closed', 'c closed']);
  });

  test('goes on being dialled where its breaker is off', () => {
    const { trunks, fail } = watched(trunk('pbx', { breaker: null }));
    fail('pbx', 50);
    expect(trunks.isUp('pbx', noon)).toBe(true);
  });

  test('what was seen at an instant stays as it was seen', () => {
    const { trunks, fail } = watched(trunk('pbx'));
    const before = trunks.at(noon);
    fail('pbx', 5);
    expect([before.isUp('pbx'), trunks.at(noon).isUp('pbx')]).toEqual([true, false]);
  });
});

test('a rest that was asked for is told as such', () => {
  const { trunks } = watched(trunk('pbx', { breaker: null }));
  trunks.holdOff('pbx', 60, noon);
  expect(trunks.at(noon).rests('pbx')).toBe('it asked for 60 s, until 12:01:00 UTC');
});

describe('probes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('of five hundred trunks are spread over the time between two', async () => {
    const asked: number[] = [];
    const from = Date.now();
    const probe = { every: 30_000, downAfter: 2, upAfter: 1 };
    let next = 0;
    const trunks = new Trunks(
      { probe: () => Promise.resolve((asked.push(Date.now() - from), 'up' as const)) },
      { trunkChanged: () => undefined, trunkBreaker: () => undefined },
      () => next++ / 500,
    );
    trunks.watch(Array.from({ length: 500 }, (_, at) => trunk(`t${at}`, { probe })));
    await vi.advanceTimersByTimeAsync(89_999);
    expect(asked).toHaveLength(1_500);
    const inSecond = (second: number) => asked.filter((at) => Math.floor(at / 1_000) === second).length;
    expect(Math.max(...Array.from({ length: 90 }, (_, second) => inSecond(second)))).toBeLessThanOrEqual(18);
    trunks.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
