import { describe, expect, test } from 'vitest';
import { TrunkBreaker, type Verdict } from '../../../../src/calls/trunks/breaker.ts';
import { isTrunkFailure, verdictOn } from '../../../../src/calls/trunks/failures.ts';

const noon = Date.UTC(2026, 10, 18, 12);
const rule = { failures: 5, ratio: 0.5, over: 60_000, rest: 30_000 };
const works: Verdict = { kind: 'works' };
const silent: Verdict = { kind: 'silent', deaf: false };
const deaf: Verdict = { kind: 'silent', deaf: true };
const busy: Verdict = { kind: 'failed', how: 'got 503 Service Unavailable' };
const unknown: Verdict = { kind: 'unknown' };

/** One call after another, a second apart. */
function calls(breaker: TrunkBreaker, from: number, ...verdicts: readonly Verdict[]) {
  return verdicts.map((verdict, index) => {
    const at = from + index * 1_000;
    const permit = breaker.permit(at);
    return permit === null ? 'refused' : (breaker.ended(permit, verdict, at)?.kind ?? null);
  });
}

describe('opens', () => {
  test('after so many failures in a row, and says of what kind and until when', () => {
    const breaker = new TrunkBreaker(rule);
    expect(calls(breaker, noon, silent, silent, silent, silent)).toEqual([null, null, null, null]);
    expect(breaker.rests(noon + 4_000)).toBeNull();
    expect(calls(breaker, noon + 4_000, silent)).toEqual(['opened']);
    expect(breaker.rests(noon + 4_000)).toMatchObject({
      why: '5 calls in a row had no answer',
      until: noon + 34_000,
    });
    expect(breaker.permit(noon + 33_999)).toBeNull();
  });

  test('not where one between them works, nor where one tells nothing', () => {
    const breaker = new TrunkBreaker(rule);
    const spread = [silent, silent, works, works, works, works, works, silent, silent, unknown, unknown];
    expect(new Set(calls(breaker, noon, ...spread))).toEqual(new Set([null]));
  });

  test('tells of failures of several kinds as such', () => {
    const breaker = new TrunkBreaker(rule);
    expect(calls(breaker, noon, silent, silent, silent, silent, busy).at(-1)).toBe('opened');
    expect(breaker.rests(noon + 5_000)?.why).toBe(
      '5 calls in a row failed, the last one got 503 Service Unavailable',
    );
  });

  test('once so many fail that they are the share of its last calls, and not before', () => {
    const breaker = new TrunkBreaker(rule);
    const half = [works, busy, works, busy, works, busy, works, busy, works];
    expect(new Set(calls(breaker, noon, ...half))).toEqual(new Set([null]));
    expect(calls(breaker, noon + 9_000, busy)).toEqual(['opened']);
    expect(breaker.rests(noon + 9_000)?.why).toMatch(/^5 of its last 10 calls failed/);
  });

  test('not for silence while others hear of it, but for the share of those who do not', () => {
    const breaker = new TrunkBreaker(rule);
    const silentWhile = (signOfLife: () => void, at: number) => {
      const unheard = breaker.permit(at)!;
      signOfLife();
      return breaker.ended(unheard, silent, at + 2_000)?.kind ?? null;
    };
    const rings = () => breaker.rang(breaker.permit(noon)!);
    for (let call = 0; call < 3; call++) {
      const at = noon + call * 10_000;
      const answered = () => calls(breaker, at, works, works, works);
      expect([silentWhile(answered, at), silentWhile(rings, at)]).toEqual([null, null]);
    }
    expect([1, 2, 3].map(() => silentWhile(rings, noon + 30_000))).toEqual([null, null, 'opened']);
    expect(breaker.rests(noon + 32_000)?.why).toBe(
      '9 of its last 18 calls failed, the last one had no answer',
    );
  });

  test('not for a row of silences that began before the last sign of life', () => {
    const breaker = new TrunkBreaker(rule);
    const unheard = Array.from({ length: 5 }, () => breaker.permit(noon)!);
    calls(breaker, noon, works, works, works, works, works, works);
    expect(unheard.map((permit) => breaker.ended(permit, silent, noon + 6_000))).toEqual(Array(5).fill(null));
  });

  test('for answers that say it fails, whoever else rings meanwhile', () => {
    const breaker = new TrunkBreaker(rule);
    const permits = Array.from({ length: 5 }, () => breaker.permit(noon)!);
    for (const permit of permits) breaker.rang(permit);
    expect(permits.map((permit) => breaker.ended(permit, busy, noon)?.kind).at(-1)).toBe('opened');
  });

  test('not for a share of calls that lie further back than it looks', () => {
    const breaker = new TrunkBreaker(rule);
    calls(breaker, noon, busy, works, busy, works, busy, works, busy, works);
    expect(calls(breaker, noon + 69_000, busy)).toEqual([null]);
  });
});

describe('rests, then', () => {
  const opened = () => {
    const breaker = new TrunkBreaker(rule);
    calls(breaker, noon, silent, silent, silent, silent, silent);
    return breaker;
  };
  const after = noon + 4_000 + rule.rest;

  test('one call tries it, and no other meanwhile', () => {
    const breaker = opened();
    expect(breaker.permit(after)?.state.kind).toBe('on_trial');
    expect(breaker.permit(after)).toBeNull();
    expect(breaker.permit(after + 3_600_000)).toBeNull();
    expect(breaker.rests(after)).toEqual({
      why: '5 calls in a row had no answer; one call tries it',
      until: null,
    });
  });

  test.each([
    ['works: it is as before', works, 'closed', true],
    ['fails: it rests again', silent, 'opened', false],
    ['tells nothing: the next one tries it', unknown, null, true],
  ] as const)('a trial that %s', (_, verdict, change, mayGo) => {
    const breaker = opened();
    const permit = breaker.permit(after)!;
    expect(breaker.ended(permit, verdict, after + 500)?.kind ?? null).toBe(change);
    expect(breaker.permit(after + 600) !== null).toBe(mayGo);
  });

  test('a trial that rings is enough, and one failure after it opens nothing', () => {
    const breaker = opened();
    const permit = breaker.permit(after)!;
    expect(breaker.rang(permit)).toEqual({ kind: 'closed' });
    expect(breaker.rang(permit)).toBeNull();
    expect(breaker.ended(permit, busy, after + 100)).toBeNull();
    expect(calls(breaker, after + 200, silent, silent, silent, silent)).toEqual([null, null, null, null]);
  });

  test('calls from before it opened say nothing of it as it is now', () => {
    const breaker = new TrunkBreaker(rule);
    const early = [1, 2, 3].map(() => breaker.permit(noon)!);
    calls(breaker, noon, silent, silent, silent, silent, silent);
    for (const permit of early) expect(breaker.ended(permit, works, noon + 5_000)).toBeNull();
    expect(breaker.permit(noon + 5_000)).toBeNull();
  });

  test('a clock that is set back does not make it rest for as long as that', () => {
    expect(opened().permit(noon - 3_600_000)?.state.kind).toBe('on_trial');
  });
});

describe('what an answer says of the trunk', () => {
  test.each([408, 500, 502, 503, 504, 599])('%i: it fails', (status) => {
    expect(isTrunkFailure(status)).toBe(true);
    expect(verdictOn({ kind: 'refused', status, reason: 'No', retryAfter: null }, true, true)).toEqual({
      kind: 'failed',
      how: `got ${status} No`,
    });
  });

  test.each([302, 404, 480, 486, 487, 488, 501, 505, 513, 580, 600, 603])(
    '%i: somebody is there',
    (status) => {
      expect(isTrunkFailure(status)).toBe(false);
      expect(verdictOn({ kind: 'refused', status, reason: '', retryAfter: null }, false, true)).toEqual(
        works,
      );
    },
  );

  const worked: Verdict = { kind: 'worked' };

  test.each([
    ['silent', false, silent],
    ['elapsed', true, worked],
    ['elapsed', false, silent],
    ['lost', true, worked],
    ['lost', false, unknown],
    ['over', true, worked],
    ['over', false, unknown],
    [{ kind: 'failed', reason: 'timeout' }, false, silent],
    [{ kind: 'failed', reason: 'timeout' }, true, worked],
    [{ kind: 'failed', reason: 'link' }, false, unknown],
    [{ kind: 'failed', reason: 'transport' }, false, { kind: 'failed', how: 'could not be sent' }],
  ] as const)('%j, rang: %s', (outcome, rang, verdict) => {
    expect(verdictOn(outcome, rang, false)).toEqual(verdict);
  });

  test.each(['silent', 'elapsed', { kind: 'failed', reason: 'timeout' }] as const)(
    '%j may be our own doing while there is more to do than can be done',
    (outcome) => {
      expect(verdictOn(outcome, false, true)).toEqual(deaf);
    },
  );
});

describe('calls that rang and came to nothing', () => {
  const worked: Verdict = { kind: 'worked' };

  test('are no sign of life at their end: a trunk that died under them opens at once', () => {
    const breaker = new TrunkBreaker(rule);
    const ringing = Array.from({ length: 10 }, () => breaker.permit(noon)!);
    for (const permit of ringing) breaker.rang(permit);
    const opened = ringing.slice(0, 5).map((permit, index) => {
      const at = noon + 30_000 + index * 1_000;
      const dead = breaker.permit(at)!;
      breaker.ended(permit, worked, at);
      return breaker.ended(dead, silent, at + 2_000)?.kind ?? null;
    });
    expect(opened).toEqual([null, null, null, null, 'opened']);
  });

  test('break a row when they ring, and count among the last ones', () => {
    const breaker = new TrunkBreaker(rule);
    for (let call = 0; call < 12; call++) {
      if (call % 2 === 0) {
        const permit = breaker.permit(noon)!;
        breaker.rang(permit);
        expect(breaker.ended(permit, worked, noon)).toBeNull();
      } else if (call < 9) expect(calls(breaker, noon, silent)).toEqual([null]);
    }
    expect(calls(breaker, noon, silent, silent)).toEqual([null, 'opened']);
    expect(breaker.rests(noon + 1_000)?.why).toMatch(/^6 of its last 12 calls/);
  });
});

describe('who has more to do than can be done', () => {
  const two = () => {
    const ofAll = { heard: 0 };
    return { dead: new TrunkBreaker(rule, ofAll), alive: new TrunkBreaker(rule, ofAll) };
  };

  test('opens nothing while it hears nobody', () => {
    const { dead } = two();
    expect(new Set(calls(dead, noon, ...Array<Verdict>(50).fill(deaf)))).toEqual(new Set([null]));
    expect(calls(dead, noon + 50_000, silent, silent, silent, silent)).toEqual([null, null, null, null]);
  });

  test('opens nothing for the share of earlier calls, though those that worked are further back', () => {
    const { dead } = two();
    calls(dead, noon, works, works, works, works, works, works);
    const failing = [busy, busy, busy, busy, works, busy];
    expect(new Set(calls(dead, noon + 30_000, ...failing))).toEqual(new Set([null]));
    expect(calls(dead, noon + 70_000, deaf)).toEqual([null]);
    expect(calls(dead, noon + 71_000, busy)).toEqual(['opened']);
  });

  test('knows a dead trunk by those that it hears meanwhile', () => {
    const { dead, alive } = two();
    const opened = Array.from({ length: 5 }, (_, index) => {
      const at = noon + index * 3_000;
      const permit = dead.permit(at)!;
      calls(alive, at, works);
      return dead.ended(permit, deaf, at + 2_000)?.kind ?? null;
    });
    expect(opened).toEqual([null, null, null, null, 'opened']);
    expect(alive.isClosed).toBe(true);
  });

  test('leaves alone what rests already: a trial that it does not hear is a failed one', () => {
    const { dead } = two();
    calls(dead, noon, silent, silent, silent, silent, silent);
    const after = noon + 4_000 + rule.rest;
    expect(dead.ended(dead.permit(after)!, deaf, after + 2_000)).toMatchObject({ kind: 'opened' });
    expect(dead.permit(after + 2_001)).toBeNull();
  });
});
