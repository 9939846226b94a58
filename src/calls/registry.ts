import type { Call } from './call.ts';

export interface LiveCall {
  readonly id: string;
  readonly from: string | null;
  readonly to: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly state: Call['state'];
  readonly buyer: string | null;
  readonly since: string;
  readonly connected_since: string | null;
}

/** The calls that live now. */
export class Registry {
  readonly #calls = new Map<string, Call>();
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#calls.size;
  }

  add(call: Call): void {
    this.#calls.set(call.id, call);
  }

  remove(call: Call): void {
    this.#calls.delete(call.id);
    if (this.#calls.size > 0) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  has(id: string): boolean {
    return this.#calls.has(id);
  }

  all(): readonly Call[] {
    return [...this.#calls.values()];
  }

  ids(): readonly string[] {
    return [...this.#calls.keys()];
  }

  /** Resolves once no call lives. */
  empty(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  live(): readonly LiveCall[] {
    return this.all().map((call) => ({
      id: call.id,
      from: call.identity.from,
      to: call.identity.to,
      campaign: call.identity.campaign,
      publisher: call.identity.publisher,
      source: call.identity.source,
      state: call.state,
      buyer: call.buyer,
      since: new Date(call.startedAt).toISOString(),
      connected_since: call.connectedAt === null ? null : new Date(call.connectedAt).toISOString(),
    }));
  }
}
