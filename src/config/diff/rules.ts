/** Rules of pay and caps: matched by what they are about, so that a changed amount reads as one. */
import { isDeepStrictEqual } from 'node:util';
import type { Cap } from '../../routing/network.ts';
import type { PayRule } from '../../settlement/terms.ts';
import type { Teller } from './change.ts';
import { cap, conditions, paid } from './words.ts';

export const payRules =
  (verb: string, noLonger: string, minorDigits: number): Teller<readonly PayRule[]> =>
  (before, after) => {
    const said: string[] = [];
    const words = ({ when }: PayRule): string => conditions(when);
    for (const rule of after) {
      const was = before.find((other) => words(other) === words(rule));
      const now = paid(rule, minorDigits);
      if (was === undefined) said.push(`${verb} ${now} for ${words(rule)}`);
      else if (!isDeepStrictEqual(was.pays, rule.pays))
        said.push(`${verb} ${now} instead of ${paid(was, minorDigits)} for ${words(rule)}`);
    }
    for (const rule of before) {
      if (after.some((other) => words(other) === words(rule))) continue;
      said.push(`${noLonger} ${paid(rule, minorDigits)} for ${words(rule)}`);
    }
    const kept = (rules: readonly PayRule[], others: readonly PayRule[]): string[] =>
      rules.map(words).filter((text) => others.some((other) => words(other) === text));
    if (!isDeepStrictEqual(kept(before, after), kept(after, before))) {
      said.push(
        `${verb} by the first rule that holds, in another order: ${after.map(words).join('; then ')}`,
      );
    }
    return said;
  };

export const caps =
  (minorDigits: number): Teller<readonly Cap[]> =>
  (before, after) => {
    const isSame = (one: Cap) => (other: Cap) => one.count === other.count && one.per === other.per;
    const changed = after.flatMap((limit) => {
      const was = before.find(isSame(limit));
      if (was?.limit === limit.limit) return [];
      const now = `takes at most ${cap(limit, minorDigits)}`;
      return [was === undefined ? now : `${now} instead of ${cap(was, minorDigits)}`];
    });
    const gone = before.filter((limit) => !after.some(isSame(limit)));
    return [...changed, ...gone.map((limit) => `is no longer held to ${cap(limit, minorDigits)}`)];
  };
