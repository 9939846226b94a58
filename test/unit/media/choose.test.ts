import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choose, freeOfAll, type Standing } from '../../../src/media/freeswitch/choose.ts';

interface Named extends Standing {
  readonly id: string;
}

/** `a up 3/10 x2`: id, state, used of sessions (`?` where not told), weight. */
function named(text: string): Named {
  const [, id = '', state = '', used, sessions, weight = '1'] =
    /^(\w+) (\w+) (\d+)\/(\d+|\?)(?: x(\d+))?$/.exec(text) ?? [];
  return {
    ...{ id, state: state as Standing['state'], used: Number(used), weight: Number(weight) },
    sessions: sessions === '?' ? null : Number(sessions),
  };
}

const order = (...servers: string[]) => choose(servers.map(named)).map(({ id }) => id);

describe('which server is asked first', () => {
  test.each<[string, string[], string[]]>([
    ['the emptier of two', ['a up 5/10', 'b up 4/10'], ['b', 'a']],
    ['the first of two that are alike', ['a up 4/10', 'b up 4/10'], ['a', 'b']],
    ['the one with more room, by what it can carry', ['a up 5/10', 'b up 20/100'], ['b', 'a']],
    ['twice the weight carries twice as much', ['a up 4/100', 'b up 7/100 x2'], ['b', 'a']],
    ['and no more', ['a up 4/100', 'b up 10/100 x2'], ['a', 'b']],
    ['never a full one', ['a up 10/10', 'b up 99/100'], ['b']],
    ['never one that took less than it has', ['a up 12/10'], []],
    ['never one that is drained, full or down', ['a drained 0/10', 'b full 0/10', 'c down 0/10'], []],
    ['no slow one while another is up', ['a slow 0/10', 'b up 9/10'], ['b']],
    ['a slow one where every other is', ['a slow 5/10', 'b slow 4/10', 'c down 0/10'], ['b', 'a']],
    ['a slow one where those that are up are full', ['a slow 5/10', 'b up 10/10'], ['a']],
    ['one that did not tell counts as one of 1,000', ['a up 1/?', 'b up 1/100'], ['a', 'b']],
    ['none of none', [], []],
  ])('%s', (_why, servers, expected) => {
    expect(order(...servers)).toEqual(expected);
  });

  test('calls that stay are spread by weight, within one of it', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weights, fc.nat(300), (given, calls) => {
        const servers = given.map((weight, id) => ({
          ...named(`s${id} up 0/1000`),
          ...{ weight, used: 0 },
        }));
        for (let call = 0; call < calls; call++) {
          const [best] = choose(servers);
          if (best) best.used++;
        }
        const all = given.reduce((sum, weight) => sum + weight, 0);
        for (const { weight, used } of servers)
          expect(Math.abs(used - (calls * weight) / all)).toBeLessThanOrEqual(given.length);
        expect(servers.reduce((sum, { used }) => sum + used, 0)).toBe(calls);
      }),
    );
  });
});

describe('how much is free', () => {
  test.each<[number | null, string[]]>([
    [11, ['a up 5/10', 'b slow 4/10']],
    [5, ['a up 5/10', 'b drained 0/10', 'c down 0/10', 'd full 0/10']],
    [0, ['a up 12/10']],
    [null, ['a up 5/10', 'b up 0/?']],
    [5, ['a up 5/10', 'b down 0/?']],
    [0, []],
  ])('%j of %j', (free, servers) => {
    expect(freeOfAll(servers.map(named))).toBe(free);
  });
});
