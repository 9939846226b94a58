import type { Trunk } from '../routing/network.ts';
import { LastSecond } from './last-second.ts';
import type { TrunksNow } from '../routing/plan.ts';
import { trunkUri } from './trunk-uri.ts';
import type { Signalling } from '../signalling/signalling.ts';

interface Watched {
  readonly trunk: Trunk;
  up: boolean;
  /** Probes in a row that spoke against the present state. */
  against: number;
  timer: NodeJS.Timeout;
}

/** Milliseconds since the epoch. */
interface Rest {
  readonly from: number;
  readonly until: number;
}

type Probe = NonNullable<Trunk['probe']>;

/** However long a trunk asks to be left alone, we look again after this. */
const longestRest = 5 * 60_000;

/** Which trunks take calls: OPTIONS now and then, with thresholds both ways. A trunk without a probe counts as up. */
export class Trunks {
  readonly #signalling: Pick<Signalling, 'probe'>;
  readonly #onChange: (trunk: string, up: boolean) => void;
  readonly #watched = new Map<string, Watched>();
  readonly #resting = new Map<string, Rest>();
  #now: TrunksAt | null = null;
  readonly #started = new LastSecond();

  constructor(signalling: Pick<Signalling, 'probe'>, onChange: (trunk: string, up: boolean) => void) {
    this.#signalling = signalling;
    this.#onChange = onChange;
  }

  /** Probes these and no others from now on; a trunk probed as before keeps its state. Returns those no longer probed. */
  watch(trunks: Iterable<Trunk>): readonly string[] {
    const before = new Map(this.#watched);
    for (const trunk of trunks) {
      const { probe } = trunk;
      if (!probe) continue;
      const present = before.get(trunk.id);
      if (present && probedAlike(present.trunk, trunk)) before.delete(trunk.id);
      else this.#watch(trunk, probe);
    }
    this.#now = null;
    for (const [id, watched] of before) {
      clearInterval(watched.timer);
      if (this.#watched.get(id) === watched) this.#watched.delete(id);
    }
    return [...before.keys()].filter((id) => !this.#watched.has(id));
  }

  isUp(trunk: string, now: number): boolean {
    const rest = this.#resting.get(trunk);
    // A rest that is yet to begin was asked for before the clock was set back: nobody knows when it ends.
    if (rest !== undefined && rest.from <= now && now < rest.until) return false;
    return this.#watched.get(trunk)?.up ?? true;
  }

  /** All of them as they are at this time; the answer stays so, whatever happens to them later. */
  at(now: number): TrunksNow {
    if (this.#now === null || now < this.#now.from || now >= this.#now.until) this.#now = this.#lookAt(now);
    return this.#now;
  }

  /** The trunk asked for a rest: a 503 with Retry-After (RFC 3261 21.5.4), taken at its word within bounds. */
  holdOff(trunk: string, seconds: number, now: number): void {
    this.#now = null;
    this.#resting.set(trunk, { from: now, until: now + Math.min(seconds * 1_000, longestRest) });
  }

  started(trunk: string, now: number): void {
    this.#started.happened(trunk, now);
  }

  startedThisSecond(trunk: string, now: number): number {
    return this.#started.count(trunk, now);
  }

  stop(): void {
    for (const { timer } of this.#watched.values()) clearInterval(timer);
    this.#watched.clear();
  }

  #watch(trunk: Trunk, probe: Probe): void {
    const timer = setInterval(() => void this.#probe(watched, probe), probe.every);
    timer.unref();
    const watched: Watched = { trunk, up: true, against: 0, timer };
    this.#watched.set(trunk.id, watched);
  }

  #lookAt(now: number): TrunksAt {
    const down = new Set<string>();
    let until = Number.POSITIVE_INFINITY;
    for (const trunk of new Set([...this.#resting.keys(), ...this.#watched.keys()])) {
      if (!this.isUp(trunk, now)) down.add(trunk);
      const rest = this.#resting.get(trunk);
      for (const edge of rest === undefined ? [] : [rest.from, rest.until]) {
        if (edge > now) until = Math.min(until, edge);
      }
    }
    return { from: now, until, isUp: (trunk) => !down.has(trunk) };
  }

  async #probe(watched: Watched, probe: Probe): Promise<void> {
    const { trunk } = watched;
    const result = await this.#signalling.probe(trunkUri(trunk));
    if (this.#watched.get(trunk.id) !== watched) return;
    if ((result === 'up') === watched.up) {
      watched.against = 0;
      return;
    }
    watched.against++;
    if (watched.against < (watched.up ? probe.downAfter : probe.upAfter)) return;
    watched.up = !watched.up;
    this.#now = null;
    watched.against = 0;
    this.#onChange(trunk.id, watched.up);
  }
}

/** As they are from then until then, if nothing happens. */
interface TrunksAt extends TrunksNow {
  readonly from: number;
  readonly until: number;
}

const probedAlike = (a: Trunk, b: Trunk): boolean =>
  a.uri === b.uri && a.transport === b.transport && JSON.stringify(a.probe) === JSON.stringify(b.probe);
