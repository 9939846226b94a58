import type { Quarter } from '../../records/remembered.ts';
import type { CapCount, CapPeriod, Subject } from '../../routing/network.ts';
import { capPeriods, type Periods } from './periods.ts';
import { countsOf } from './remember.ts';
import type { UsageBook } from './usage.ts';

/**
 * Whoever keeps another zone's time from now on has other midnights, those behind it too: what is counted in the
 * periods that run is set right by the records of the past. What the records do not have yet happened a moment ago, and
 * stays counted.
 */
export class ClockChange {
  readonly #usages: UsageBook;
  readonly #zoneOf: (subject: Subject) => string;
  readonly #now: number;
  readonly #moves = new Map<Subject, Move>();

  /** `zoneOf`: whose time each keeps from now on. */
  constructor(usages: UsageBook, zoneOf: (subject: Subject) => string, now: number) {
    this.#usages = usages;
    this.#zoneOf = zoneOf;
    this.#now = now;
    for (const [subject, usage] of usages) {
      if (usage.timezone === zoneOf(subject)) continue;
      const [before, after] = [usages.periodsIn(usage.timezone), usages.periodsIn(zoneOf(subject))];
      this.#moves.set(subject, { shifts: shiftsOf(before, after, now), differences: new Map() });
    }
  }

  /** In portions, each row once: of all that was counted. */
  take(past: readonly Quarter[]): void {
    for (const quarter of past) {
      const { subjects, counts } = countsOf(quarter);
      for (const subject of subjects) {
        const move = this.#moves.get(subject);
        if (move === undefined) continue;
        for (const { per, from, until, sign } of move.shifts) {
          if (quarter.at < from || quarter.at >= until) continue;
          for (const [count, amount] of counts) {
            const key = `${count}/${per}` as const;
            move.differences.set(key, (move.differences.get(key) ?? 0) + sign * amount);
          }
        }
      }
    }
  }

  /** In one tick with the config that says so. */
  install(): void {
    for (const [subject, usage] of this.#usages) {
      const zone = this.#zoneOf(subject);
      if (usage.timezone === zone) continue;
      const differences = this.#moves.get(subject)?.differences;
      usage.move(
        this.#usages.periodsIn(zone),
        this.#now,
        (count, per) => differences?.get(`${count}/${per}`) ?? 0,
      );
    }
  }
}

interface Move {
  readonly shifts: readonly Shift[];
  readonly differences: Map<`${CapCount}/${CapPeriod}`, number>;
}

/** What happened in it belongs to the running period by the new clock alone (1), or by the old one alone (-1). */
interface Shift {
  readonly per: CapPeriod;
  readonly from: number;
  readonly until: number;
  readonly sign: 1 | -1;
}

function shiftsOf(before: Periods, after: Periods, now: number): readonly Shift[] {
  return capPeriods.flatMap((per): readonly Shift[] => {
    const [old, young] = [before.at(per, now).from, after.at(per, now).from];
    if (old === young) return [];
    return [{ per, from: Math.min(old, young), until: Math.max(old, young), sign: young < old ? 1 : -1 }];
  });
}
