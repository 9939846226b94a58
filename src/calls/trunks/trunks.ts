import type { Trunk } from '../../routing/network.ts';
import type { TrunksNow } from '../../routing/plan.ts';
import type { Signalling } from '../../signalling/signalling.ts';
import { LastSecond } from './last-second.ts';
import { TrunkBreaker, type BreakerChange, type SignsOfLife, type Verdict } from './breaker.ts';
import { TrunkProbes } from './probes.ts';

/** Who is told of what becomes of trunks. */
interface TrunksTold {
  trunkChanged(trunk: string, up: boolean): void;
  trunkBreaker(trunk: string, change: BreakerChange): void;
}

export interface TrunksStanding {
  readonly probed: ReadonlyMap<string, boolean>;
  readonly open: ReadonlyMap<string, boolean>;
}

/** A call that goes by a trunk, until the trunk is judged by it. */
export interface Tried {
  /** More than a 100 came. */
  rang(): void;
  /** Once; what is said after that is not heard. */
  ended(verdict: Verdict, now: number): void;
}

/** Milliseconds since the epoch. */
interface Rest {
  readonly from: number;
  readonly until: number;
  readonly why: string;
}

interface Broken {
  readonly trunk: Trunk;
  readonly breaker: TrunkBreaker;
}

/** However long a trunk asks to be left alone, we look again after this. */
const longestRest = 5 * 60_000;

/** What a look at all of them is good for: a clock that is set back makes rests begin anew. */
const longestLook = 1_000;

/** Which trunks take calls: as their probes, their answers to calls and their own wishes say. */
export class Trunks {
  readonly #told: TrunksTold;
  readonly #probes: TrunkProbes;
  readonly #breakers = new Map<string, Broken>();
  readonly #resting = new Map<string, Rest>();
  readonly #started = new LastSecond();
  readonly #ofAll: SignsOfLife = { heard: 0 };
  /** Its trunk is not judged by it, but who hears of it is not deaf. */
  readonly #unjudged: Tried = {
    rang: () => {
      this.#ofAll.heard++;
    },
    ended: ({ kind }) => {
      if (kind === 'works') this.#ofAll.heard++;
    },
  };
  #now: TrunksAt | null = null;

  constructor(signalling: Pick<Signalling, 'probe'>, told: TrunksTold, dice: () => number = Math.random) {
    this.#told = told;
    const onChange = (trunk: string, up: boolean) => {
      this.#now = null;
      told.trunkChanged(trunk, up);
    };
    this.#probes = new TrunkProbes(signalling, onChange, dice);
  }

  /** Looks after these and no others from now on; one that is as before keeps its state. Returns those no longer probed. */
  watch(trunks: Iterable<Trunk>): readonly string[] {
    const all = [...trunks];
    const before = new Map(this.#breakers);
    this.#breakers.clear();
    for (const trunk of all) {
      if (trunk.breaker === null) continue;
      const present = before.get(trunk.id);
      if (present && breaksAlike(present.trunk, trunk)) this.#breakers.set(trunk.id, present);
      else this.#breakers.set(trunk.id, { trunk, breaker: new TrunkBreaker(trunk.breaker, this.#ofAll) });
    }
    for (const [id, one] of before) {
      const isKept = this.#breakers.get(id) === one;
      if (!isKept && !one.breaker.isClosed) this.#told.trunkBreaker(id, { kind: 'closed' });
    }
    this.#now = null;
    return this.#probes.watch(all);
  }

  /** Of each trunk that is probed, whether it answers; of each that has a breaker, whether that is open. */
  standing(): TrunksStanding {
    const breakers = [...this.#breakers].map(([id, { breaker }]) => [id, !breaker.isClosed] as const);
    return { probed: this.#probes.standing(), open: new Map(breakers) };
  }

  isUp(trunk: string, now: number): boolean {
    return this.#probes.isUp(trunk) && this.#rests(trunk, now) === null;
  }

  /** All of them as they are at this time; the answer stays so, whatever happens to them later. */
  at(now: number): TrunksNow {
    if (this.#now === null || now < this.#now.from || now >= this.#now.until) this.#now = this.#lookAt(now);
    return this.#now;
  }

  /** The trunk asked for a rest: a 503 with Retry-After (RFC 3261 21.5.4), taken at its word within bounds. */
  holdOff(trunk: string, seconds: number, now: number): void {
    this.#now = null;
    const until = now + Math.min(seconds * 1_000, longestRest);
    this.#resting.set(trunk, { from: now, until, why: `it asked for ${seconds} s` });
  }

  /** A call goes, in the tick in which the trunk was found to be up. */
  started(trunk: string, now: number): Tried {
    this.#started.happened(trunk, now);
    const breaker = this.#breakers.get(trunk)?.breaker;
    const permit = breaker?.permit(now) ?? null;
    if (breaker === undefined || permit === null) return this.#unjudged;
    const isTrial = permit.state.kind === 'on_trial';
    if (isTrial) this.#now = null;
    let isJudged = false;
    const tell = (change: BreakerChange | null) => {
      if (change !== null || isTrial) this.#now = null;
      if (change !== null) this.#told.trunkBreaker(trunk, change);
    };
    return {
      rang: () => tell(breaker.rang(permit)),
      ended: (verdict, at) => {
        if (isJudged) return;
        isJudged = true;
        tell(breaker.ended(permit, verdict, at));
      },
    };
  }

  startedThisSecond(trunk: string, now: number): number {
    return this.#started.count(trunk, now);
  }

  stop(): void {
    this.#probes.stop();
    this.#breakers.clear();
  }

  /** `until` null: until something happens. */
  #rests(trunk: string, now: number): { readonly why: string; readonly until: number | null } | null {
    const rest = this.#resting.get(trunk);
    // A rest that is yet to begin was asked for before the clock was set back: nobody knows when it ends.
    if (rest !== undefined && rest.from <= now && now < rest.until) return rest;
    return this.#breakers.get(trunk)?.breaker.rests(now) ?? null;
  }

  #lookAt(now: number): TrunksAt {
    const down = new Set(this.#probes.down());
    const rests = new Map<string, string>();
    let until = now + longestLook;
    for (const trunk of new Set([...this.#resting.keys(), ...this.#breakers.keys()])) {
      const rest = this.#rests(trunk, now);
      if (rest === null) continue;
      down.add(trunk);
      rests.set(trunk, rest.until === null ? rest.why : `${rest.why}, until ${timeOf(rest.until)}`);
      if (rest.until !== null) until = Math.min(until, rest.until);
    }
    return {
      from: now,
      until,
      isUp: (trunk) => !down.has(trunk),
      rests: (trunk) => rests.get(trunk) ?? null,
    };
  }
}

/** As they are from then until then, if nothing happens. */
interface TrunksAt extends TrunksNow {
  readonly from: number;
  readonly until: number;
}

const breaksAlike = (a: Trunk, b: Trunk): boolean =>
  a.uri === b.uri && a.transport === b.transport && JSON.stringify(a.breaker) === JSON.stringify(b.breaker);

/** To the second, in a clock that needs no zone: rests are short. */
const timeOf = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;
