import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '../../../../src/calls/trunks/recent.ts';

test('what is older than the span, or of the future, is none; of more than the most, the last are kept', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -30, max: 60 }), fc.boolean()), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (moves, most) => {
      const recent = new Recent<boolean>(100, most);
      let plain: { at: number; what: boolean }[] = [];
      let now = 1_000;
      for (const [move, what] of moves) {
        now += move;
        const within = ({ at }: { at: number }) => at > now - 100 && at <= now;
        plain = plain.filter(within);
        expect(recent.size(now)).toBe(plain.length);
        plain = [...plain, { at: now, what }].slice(-most);
        recent.add(what, now);
        expect(recent.size(now)).toBe(plain.length);
        expect(recent.count(now, (one) => one)).toBe(plain.filter((one) => one.what).length);
      }
    }),
  );
});
