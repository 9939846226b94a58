import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrackingNumber } from '../../../src/routing/network.ts';
import { NumberIndex } from '../../../src/routing/number-index.ts';
import { compile, compileInSlices, type Slices } from '../../../src/routing/table.ts';
import { buyer, campaign, network, route } from './world.ts';

const owner = { campaign: 'solar', publisher: 'clickwise', source: null };
const digits = fc
  .tuple(fc.constantFrom('1', '1800555', '44', '9'), fc.nat(99_999_999))
  .map(([prefix, rest]) => `+${prefix}${rest}`);
const entry: fc.Arbitrary<TrackingNumber> = fc.record({
  number: digits,
  campaign: fc.constantFrom('solar', 'roofing'),
  publisher: fc.constantFrom('clickwise', 'adsworth'),
  source: fc.constantFrom(null, '', 'radio'),
});

describe('an index of numbers', () => {
  it('holds what a Map would', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), fc.nat(100), digits, (entries, expected, other) => {
        const index = new NumberIndex(expected);
        const map = new Map<string, TrackingNumber>();
        for (const one of entries) {
          index.set(one.number, one);
          map.set(one.number, one);
        }
        expect(index.size).toBe(map.size);
        expect(new Map(index)).toEqual(map);
        for (const number of [...map.keys(), other]) expect(index.get(number)).toEqual(map.get(number));
        expect(index.owners.count).toBeLessThanOrEqual(12);
        expect(new Map(NumberIndex.of(structuredClone(index.parts())))).toEqual(map);
      }),
    );
  });

  it('takes more numbers after it was handed over, of owners old and new', () => {
    const index = new NumberIndex();
    index.set('+18005550100', owner);
    const handed = NumberIndex.of(structuredClone(index.parts()));
    handed.set('+18005550101', owner);
    handed.set('+18005550102', { ...owner, source: 'clickwise' });
    expect(handed.owners.count).toBe(2);
    expect(handed.get('+18005550101')).toEqual({ number: '+18005550101', ...owner });
    expect(handed.get('+18005550102')?.source).toBe('clickwise');
  });

  it('keeps neighbouring numbers apart', () => {
    const index = new NumberIndex();
    for (let at = 0; at < 50_000; at++) index.set(`+1${8_005_550_000 + at}`, owner);
    expect(index.size).toBe(50_000);
    expect([index.get('+18005550000'), index.get('+18005599999')].every(Boolean)).toBe(true);
    expect(index.get('+18005600000')).toBeUndefined();
  });

  it.each([
    '',
    '+',
    '18005550100',
    '+0800',
    '+1800555010x',
    '+1234567890123456',
    '__proto__',
    '+' + '9'.repeat(10_000),
  ])('finds nothing under %j, and does not take it', (text) => {
    const index = new NumberIndex();
    index.set('+18005550100', owner);
    expect(index.get(text)).toBeUndefined();
    expect(index.ownerOf(text)).toBe(-1);
    expect(() => index.set(text, owner)).toThrow(/E\.164/);
  });

  it('tells the longest numbers apart', () => {
    const index = new NumberIndex();
    index.set('+999999999999999', owner);
    expect(index.get('+999999999999998')).toBeUndefined();
    expect(index.get('+999999999999999')?.number).toBe('+999999999999999');
  });
});

describe('a table', () => {
  const solar = campaign([route('sunrise')]);
  const whole = network([buyer('sunrise')], [solar]);
  const index = new NumberIndex(3);
  index.set('+18005550100', owner);
  index.set('+18005550101', owner);
  index.set('+18005550102', { ...owner, campaign: 'gone' });

  it('answers from an index as from a Map, with one entry for all numbers of an owner', () => {
    const table = compile({ ...whole, numbers: index });
    expect(table.number('+18005550100')).toEqual(compile(whole).number('+18005550100'));
    expect(table.number('+18005550101')).toBe(table.number('+18005550100'));
    expect([table.number('+18005550102'), table.number('+18005550199')]).toEqual([null, null]);
  });

  it('comes out the same in slices, and lets others work between them', async () => {
    const numbers = new Map(
      Array.from({ length: 5_000 }, (_, at): [string, TrackingNumber] => {
        const number = `+1${8_005_550_000 + at}`;
        return [number, { number, ...owner }];
      }),
    );
    let clock = 0;
    let pauses = 0;
    const slices: Slices = {
      budgetMs: 2,
      now: () => clock++,
      yield: () => {
        pauses++;
        return Promise.resolve();
      },
    };
    const table = await compileInSlices({ ...whole, numbers }, slices);
    expect(pauses).toBeGreaterThan(2);
    expect(table.number('+18005554999')).toEqual(compile({ ...whole, numbers }).number('+18005554999'));
    expect([...table.campaigns.keys()]).toEqual(['solar']);
  });

  it('does not come out in slices either where a route leads nowhere', async () => {
    const slices: Slices = { budgetMs: 1, now: () => 0, yield: () => Promise.resolve() };
    await expect(compileInSlices(network([], [campaign([route('nobody')])]), slices)).rejects.toThrow(
      /nobody/,
    );
  });
});
