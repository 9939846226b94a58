import type { Seen, SeenCaller } from '../../routing/plan.ts';

/** Milliseconds since the epoch; 0 for never. */
interface Sighting {
  readonly buyer: string;
  attempted: number;
  connected: number;
  converted: number;
}

/** One caller in one campaign: a handful of buyers at most, so they are looked through. */
class SeenHere implements SeenCaller {
  readonly #sightings: Sighting[] = [];

  by(buyer: string, seen: Seen): number | null {
    for (const sighting of this.#sightings) if (sighting.buyer === buyer) return sighting[seen] || null;
    return null;
  }

  see(buyer: string, seen: Seen, at: number): void {
    let sighting = this.#sightings.find((one) => one.buyer === buyer);
    if (sighting === undefined) {
      sighting = { buyer, attempted: 0, connected: 0, converted: 0 };
      this.#sightings.push(sighting);
    }
    sighting[seen] = Math.max(at, sighting[seen]);
  }

  /** Whether anything is left. */
  forgetBefore(at: number): boolean {
    for (let place = this.#sightings.length - 1; place >= 0; place--) {
      const sighting = this.#sightings[place];
      if (sighting === undefined) continue;
      if (sighting.attempted < at) sighting.attempted = 0;
      if (sighting.connected < at) sighting.connected = 0;
      if (sighting.converted < at) sighting.converted = 0;
      if (sighting.attempted + sighting.connected + sighting.converted === 0)
        this.#sightings.splice(place, 1);
    }
    return this.#sightings.length > 0;
  }
}

/** Who called, which campaign, and which of its buyers had to do with them. */
export class Callers {
  readonly #seen = new Map<string, SeenHere>();

  see(who: { caller: string; campaign: string; buyer: string; seen: Seen; at: number }): void {
    const key = keyOf(who.campaign, who.caller);
    let here = this.#seen.get(key);
    if (here === undefined) this.#seen.set(key, (here = new SeenHere()));
    here.see(who.buyer, who.seen, who.at);
  }

  /** Null: nobody in this campaign knows the caller. */
  in(campaign: string, caller: string): SeenCaller | null {
    return this.#seen.get(keyOf(campaign, caller)) ?? null;
  }

  forgetBefore(at: number): void {
    for (const [key, here] of this.#seen) if (!here.forgetBefore(at)) this.#seen.delete(key);
  }
}

const keyOf = (campaign: string, caller: string): string => `${campaign}|${caller}`;
