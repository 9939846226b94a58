import type { Trunk } from '../routing/network.ts';
import type { Signalling } from '../signalling/signalling.ts';

interface Watched {
  up: boolean;
  /** Probes in a row that spoke against the present state. */
  against: number;
  timer: NodeJS.Timeout;
}

/** However long a trunk asks to be left alone, we look again after this. */
const longestRest = 5 * 60_000;

/** Which trunks take calls: OPTIONS now and then, with thresholds both ways. A trunk without a probe counts as up. */
export class Trunks {
  readonly #signalling: Pick<Signalling, 'probe'>;
  readonly #onChange: (trunk: string, up: boolean) => void;
  readonly #watched = new Map<string, Watched>();
  readonly #heldOff = new Map<string, number>();
  readonly #started = new Map<string, number[]>();

  constructor(signalling: Pick<Signalling, 'probe'>, onChange: (trunk: string, up: boolean) => void) {
    this.#signalling = signalling;
    this.#onChange = onChange;
  }

  watch(trunks: Iterable<Trunk>): void {
    this.stop();
    for (const trunk of trunks) {
      const { probe } = trunk;
      if (!probe) continue;
      const timer = setInterval(() => void this.#probe(trunk, probe), probe.every);
      timer.unref();
      this.#watched.set(trunk.id, { up: true, against: 0, timer });
    }
  }

  isUp(trunk: string, now: number): boolean {
    if ((this.#heldOff.get(trunk) ?? 0) > now) return false;
    return this.#watched.get(trunk)?.up ?? true;
  }

  /** The trunk asked for a rest: a 503 with Retry-After (RFC 3261 21.5.4), taken at its word within bounds. */
  holdOff(trunk: string, seconds: number, now: number): void {
    this.#heldOff.set(trunk, now + Math.min(seconds * 1_000, longestRest));
  }

  started(trunk: string, now: number): void {
    this.#started.set(trunk, [...this.#recent(trunk, now), now]);
  }

  startedThisSecond(trunk: string, now: number): number {
    return this.#recent(trunk, now).length;
  }

  #recent(trunk: string, now: number): readonly number[] {
    return (this.#started.get(trunk) ?? []).filter((at) => at > now - 1_000);
  }

  stop(): void {
    for (const { timer } of this.#watched.values()) clearInterval(timer);
    this.#watched.clear();
  }

  async #probe(trunk: Trunk, probe: NonNullable<Trunk['probe']>): Promise<void> {
    const result = await this.#signalling.probe(trunk.uri);
    const watched = this.#watched.get(trunk.id);
    if (!watched) return;
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
