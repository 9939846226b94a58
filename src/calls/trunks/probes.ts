import type { Trunk } from '../../routing/network.ts';
import type { Signalling } from '../../signalling/signalling.ts';
import { trunkUri } from './uri.ts';

interface Watched {
  readonly trunk: Trunk;
  up: boolean;
  /** Probes in a row that spoke against the present state. */
  against: number;
  timer: NodeJS.Timeout;
}

type Probe = NonNullable<Trunk['probe']>;

/**
 * Which trunks answer: OPTIONS now and then, with thresholds both ways. A trunk without a probe counts as up. Each begins
 * at a moment of its own within `every`, so that hundreds of trunks are not asked in one tick.
 */
export class TrunkProbes {
  readonly #signalling: Pick<Signalling, 'probe'>;
  readonly #onChange: (trunk: string, up: boolean) => void;
  readonly #dice: () => number;
  readonly #watched = new Map<string, Watched>();

  constructor(
    signalling: Pick<Signalling, 'probe'>,
    onChange: (trunk: string, up: boolean) => void,
    dice: () => number,
  ) {
    this.#signalling = signalling;
    this.#onChange = onChange;
    this.#dice = dice;
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
    for (const [id, watched] of before) {
      clearTimeout(watched.timer);
      if (this.#watched.get(id) === watched) this.#watched.delete(id);
    }
    return [...before.keys()].filter((id) => !this.#watched.has(id));
  }

  standing(): ReadonlyMap<string, boolean> {
    return new Map([...this.#watched].map(([id, { up }]) => [id, up]));
  }

  isUp(trunk: string): boolean {
    return this.#watched.get(trunk)?.up ?? true;
  }

  down(): readonly string[] {
    return [...this.#watched.values()].filter(({ up }) => !up).map(({ trunk }) => trunk.id);
  }

  stop(): void {
    for (const { timer } of this.#watched.values()) clearTimeout(timer);
    this.#watched.clear();
  }

  #watch(trunk: Trunk, probe: Probe): void {
    const ask = () => {
      watched.timer = setTimeout(ask, probe.every).unref();
      void this.#probe(watched, probe);
    };
    const first = setTimeout(ask, Math.floor(this.#dice() * probe.every)).unref();
    const watched: Watched = { trunk, up: true, against: 0, timer: first };
    this.#watched.set(trunk.id, watched);
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
    watched.against = 0;
    this.#onChange(trunk.id, watched.up);
  }
}

const probedAlike = (a: Trunk, b: Trunk): boolean =>
  a.uri === b.uri && a.transport === b.transport && JSON.stringify(a.probe) === JSON.stringify(b.probe);
