import type { Quarter } from '../records/remembered.ts';
import type { CapCount, CapPeriod, Subject } from '../routing/network.ts';
import { countsOf } from './remember.ts';
import type { UsageBook } from './usage.ts';

/**
 * Whoever keeps another zone's time from now on has other midnights, those behind it too: what is counted in the
 * periods that run is set right by the records of `past`. What the records do not have yet happened a moment ago, and
 * stays counted.
 */
export function changeClocks(
  usages: UsageBook,
  zoneOf: (subject: Subject) => string,
  past: readonly Quarter[],
  now: number,
): void {
  const moved = new Map([...usages].filter(([subject, usage]) => usage.timezone !== zoneOf(subject)));
  const happened = pastOf(new Set(moved.keys()), past);
  for (const [subject, usage] of moved) {
    const [before, after] = [usages.periodsIn(usage.timezone), usages.periodsIn(zoneOf(subject))];
    const mine = happened.get(subject) ?? [];
    const between = (from: number, count: CapCount): number =>
      mine.reduce((sum, one) => (one.count === count && one.at >= from ? sum + one.amount : sum), 0);
    const difference = (count: CapCount, per: CapPeriod): number =>
      between(after.at(per, now).from, count) - between(before.at(per, now).from, count);
    usage.move(after, now, difference);
  }
}

interface Happened {
  readonly count: CapCount;
  readonly amount: number;
  readonly at: number;
}

function pastOf(
  subjects: ReadonlySet<Subject>,
  past: readonly Quarter[],
): ReadonlyMap<Subject, readonly Happened[]> {
  const found = new Map<Subject, Happened[]>();
  for (const quarter of past) {
    const { subjects: counted, counts } = countsOf(quarter);
    for (const subject of counted) {
      if (!subjects.has(subject)) continue;
      const of = found.get(subject) ?? [];
      found.set(subject, of);
      for (const [count, amount] of counts) of.push({ count, amount, at: quarter.at });
    }
  }
  return found;
}
