import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/routing/plan.ts';
import { SortedOrder } from '../../../src/routing/sorted-order.ts';
import { WeightedOrder, type Order } from '../../../src/routing/weighted-order.ts';
import { seededDice } from '../../../src/replay/seeded-dice.ts';
import { world } from './world.ts';

function all(order: Order): number[] {
  const named: number[] = [];
  for (let at = order.next(); at >= 0; at = order.next()) named.push(at);
  return named;
}

/** An urn as one would do it by hand: lay the weights end to end, see into whose the point falls, take it out. */
function drawnByHand(weights: readonly number[], around: World): number[] {
  const left = [...weights.keys()].filter((at) => weights[at]! > 0);
  const drawn: number[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, at) => sum + weights[at]!, 0);
    let point = left.length === 1 ? 0 : around.dice() * total;
    const index = left.findIndex((at) => (point -= weights[at]!) < 0);
    drawn.push(...left.splice(index, 1));
  }
  return [...drawn, ...[...weights.keys()].filter((at) => weights[at] === 0)];
}

describe('drawing by weight', () => {
  it('is drawing from an urn without putting back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 70 }), fc.nat(), (weights, seed) => {
        const drawn = all(new WeightedOrder(weights, world({ dice: seededDice(seed) })));
        expect(drawn).toEqual(drawnByHand(weights, world({ dice: seededDice(seed) })));
      }),
    );
  });

  it('names each once, whatever the weights and the dice', () => {
    const roll = fc.constantFrom(0, 0.5, 1 - Number.EPSILON / 2);
    const weight = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(weight, { maxLength: 40 }), roll, (weights, dice) => {
        const drawn = all(new WeightedOrder(weights, world({ dice: () => dice })));
        expect(drawn.toSorted((a, b) => a - b)).toEqual([...weights.keys()]);
      }),
    );
  });

  it('gives each of many its share of the first places', () => {
    const weights = Array.from({ length: 100 }, (_, at) => 1 + (at % 10));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const first = new Array<number>(weights.length).fill(0);
    const rounds = 100_000;
    const around = world({ dice: seededDice(99) });
    for (let round = 0; round < rounds; round++) {
      const at = new WeightedOrder(weights, around).next();
      first[at] = first[at]! + 1;
    }
    const statistic = weights.reduce((sum, weight, at) => {
      const expected = (rounds * weight) / total;
      return sum + (first[at]! - expected) ** 2 / expected;
    }, 0);
    // The 0.999 quantile at 99 degrees of freedom.
    expect(statistic).toBeLessThan(148.2);
  });

  it('rolls once for each draw among two or more', () => {
    let rolls = 0;
    const around = world({ dice: () => ++rolls && 0.5 });
    const order = new WeightedOrder([1, 0, 1, 1, 0], around);
    expect([order.next(), rolls]).toEqual([2, 1]);
    expect(all(order)).toEqual([3, 0, 1, 4]);
    expect(rolls).toBe(2);
  });
});

describe('ordering by value', () => {
  it('puts the highest first and leaves ties as listed where nobody draws', () => {
    const values = [1, Infinity, 2, -Infinity, 2, Infinity];
    expect(all(new SortedOrder(values, [], null))).toEqual([1, 5, 2, 4, 0, 3]);
  });

  it('draws ties by weight', () => {
    const last = world({ dice: () => 0.99 });
    expect(all(new SortedOrder([2, 1, 2, 1, 2], [1, 1, 1, 0, 0], last))).toEqual([2, 0, 4, 1, 3]);
  });

  it('names nobody among none', () => {
    expect(all(new SortedOrder([], [], world()))).toEqual([]);
    expect(all(new WeightedOrder([], world()))).toEqual([]);
  });
});
