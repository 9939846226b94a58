import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker, failuresToOpen, openForMs, type Permit } from '../../../src/bids/breaker.ts';

/** Asked and heard at once. Null: not asked. */
function ask(breaker: Breaker, how: 'answer' | 'failure', now: number) {
  const permit = breaker.permit(now);
  return permit === null ? 'left alone' : breaker.heard(permit, how, now);
}

function opened(at: number): Breaker {
  const breaker = new Breaker();
  for (let n = 1; n < failuresToOpen; n++) expect(ask(breaker, 'failure', at)).toBe(null);
  expect(ask(breaker, 'failure', at)).toBe('opened');
  return breaker;
}

function permitted(breaker: Breaker, now: number): Permit {
  const permit = breaker.permit(now);
  if (permit === null) throw new Error('left alone');
  return permit;
}

describe('a breaker', () => {
  it('opens after five failures in a row', () => {
    const breaker = opened(0);
    expect(breaker.permit(0)).toBe(null);
    expect(breaker.permit(openForMs - 1)).toBe(null);
  });

  it('counts anew after each answer', () => {
    const breaker = new Breaker();
    for (let round = 0; round < 20; round++) {
      for (let n = 1; n < failuresToOpen; n++) expect(ask(breaker, 'failure', 0)).toBe(null);
      expect(ask(breaker, 'answer', 0)).toBe(null);
    }
  });

  it('asks one question after 30 s, and closes on its answer', () => {
    const breaker = opened(0);
    const trial = permitted(breaker, openForMs);
    expect(breaker.permit(openForMs)).toBe(null);
    expect(breaker.permit(10 * openForMs)).toBe(null);
    expect(breaker.heard(trial, 'answer', openForMs + 50)).toBe('closed');
    for (let n = 1; n < failuresToOpen; n++) expect(ask(breaker, 'failure', openForMs + 60)).toBe(null);
  });

  it('opens again where that question fails too, for 30 s from then', () => {
    const breaker = opened(0);
    const trial = permitted(breaker, openForMs);
    expect(breaker.heard(trial, 'failure', openForMs + 500)).toBe('opened');
    expect(breaker.permit(2 * openForMs + 499)).toBe(null);
    expect(breaker.permit(2 * openForMs + 500)).not.toBe(null);
  });

  it('is not moved by questions from before it changed', () => {
    const breaker = new Breaker();
    const asked = Array.from({ length: 20 }, () => permitted(breaker, 0));
    const changes = asked.map((permit, n) => breaker.heard(permit, 'failure', n));
    expect(changes.filter((change) => change !== null)).toEqual(['opened']);
    const at = failuresToOpen - 1 + openForMs;
    expect(breaker.permit(at - 1)).toBe(null);
    const trial = permitted(breaker, at);
    for (const late of asked) expect(breaker.heard(late, 'answer', at)).toBe(null);
    expect(breaker.permit(at)).toBe(null);
    expect(breaker.heard(trial, 'answer', at)).toBe('closed');
    for (const late of asked) expect(breaker.heard(late, 'failure', at)).toBe(null);
    expect(breaker.permit(at)).not.toBe(null);
  });

  it('under any interleaving of questions never leaves a bidder alone for good', () => {
    const step = fc.record({
      wait: fc.nat(20_000),
      settle: fc.nat(3),
      how: fc.constantFrom('answer' as const, 'failure' as const),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const breaker = new Breaker();
        const open: Permit[] = [];
        let now = 0;
        for (const { wait, settle, how } of steps) {
          now += wait;
          const permit = breaker.permit(now);
          if (permit !== null) open.push(permit);
          for (const asked of open.splice(0, settle)) breaker.heard(asked, how, now);
        }
        for (const asked of open) breaker.heard(asked, 'failure', now);
        expect(breaker.permit(now + openForMs)).not.toBe(null);
      }),
    );
  });
});
