/** Calls to all of the network's numbers, from callers of every state; a few withhold theirs, a few are from abroad. */
import type { AttributeValue } from '../../src/conditions/condition.ts';
import { areas, numberAt, type Scale } from './made-up-network.ts';
import { seeded, type Random } from './random.ts';

export interface MadeUpCall {
  readonly to: string;
  /** null: withheld. */
  readonly from: string | null;
  /** What the menu asked. */
  readonly answers: Readonly<Record<string, AttributeValue>>;
}

export function madeUpCalls({ numbers }: Scale, count: number): readonly MadeUpCall[] {
  const random = seeded(7);
  return Array.from({ length: count }, () => ({
    to: numberAt(random.below(numbers)),
    from: caller(random),
    answers: { 'ivr.age': random.between(18, 90), 'ivr.homeowner': random.chance(0.6) ? 'yes' : 'no' },
  }));
}

function caller({ dice, between, pick }: Random): string | null {
  const kind = dice();
  if (kind < 0.03) return null;
  if (kind < 0.05) return `+4420${between(70_000_000, 79_999_999)}`;
  return `+1${pick(areas)}${between(2_000_000, 9_999_999)}`;
}
