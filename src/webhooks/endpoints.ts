/** How much each endpoint is asked to take at once: one that fails is asked by one message at a time, and rests between. */

/** Where and by which key an endpoint is told. */
export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

/** Messages on their way to one endpoint at the same time. */
export const atOnce = 4;
const shortestRest = 1000;
const longestRest = 60_000;

interface Standing {
  endpoint: Endpoint;
  underWay: number;
  /** One after the other. */
  failures: number;
  restsUntil: number;
}

export class Endpoints {
  readonly #standing = new Map<string, Standing>();

  /** Those that are known stay as they are, under their new keys. */
  replace(endpoints: readonly Endpoint[]): void {
    const kept = new Set(endpoints.map(({ id }) => id));
    for (const id of this.#standing.keys()) if (!kept.has(id)) this.#standing.delete(id);
    for (const endpoint of endpoints) {
      const known = this.#standing.get(endpoint.id);
      if (known) known.endpoint = endpoint;
      else this.#standing.set(endpoint.id, { endpoint, underWay: 0, failures: 0, restsUntil: 0 });
    }
  }

  get size(): number {
    return this.#standing.size;
  }

  /** How many more each may be sent. */
  free(now: number): readonly { readonly endpoint: string; readonly slots: number }[] {
    return [...this.#standing.values()].flatMap(({ endpoint, underWay, failures, restsUntil }) => {
      const slots = (failures > 0 ? 1 : atOnce) - underWay;
      return slots > 0 && restsUntil <= now ? [{ endpoint: endpoint.id, slots }] : [];
    });
  }

  /** Null where the config names it no more. */
  begin(id: string): Endpoint | null {
    const standing = this.#standing.get(id);
    if (!standing) return null;
    standing.underWay += 1;
    return standing.endpoint;
  }

  end(id: string, isWell: boolean, now: number): void {
    const standing = this.#standing.get(id);
    if (!standing) return;
    standing.underWay = Math.max(0, standing.underWay - 1);
    if (isWell) {
      standing.failures = 0;
      standing.restsUntil = 0;
    } else if (standing.restsUntil <= now) {
      // Those that were under way together fail together: that is one failure.
      standing.restsUntil = now + Math.min(longestRest, shortestRest * 2 ** Math.min(standing.failures, 10));
      standing.failures += 1;
    }
  }
}
