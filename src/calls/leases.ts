import type { Buyer } from '../routing/network.ts';
import type { LeftOut } from '../routing/plan.ts';

/**
 * A slot on a buyer's concurrency and caps, taken before it is dialled and held under the call's id. Release is
 * idempotent: a double BYE, a cancel that crosses and a failing task all come to the same.
 */
export interface Lease {
  /** The buyer answered: the slot no longer stands for a connection that may come. */
  connected(): void;
  release(): void;
}

export class Leases {
  readonly #held = new Map<string, Set<string>>();
  readonly #ringing = new Map<string, Set<string>>();
  readonly #unsettled = new Map<string, Set<string>>();

  /** Takes the slot in the same tick in which `limits` was asked: no other call can come between. */
  take(call: string, buyer: Buyer, limits: (buyer: Buyer) => LeftOut | null): Lease | LeftOut {
    const reached = limits(buyer);
    if (reached !== null) return reached;
    const held = this.#of(this.#held, buyer.id).add(call);
    const ringing = this.#of(this.#ringing, buyer.id).add(call);
    return {
      connected: () => void ringing.delete(call),
      release: () => {
        ringing.delete(call);
        held.delete(call);
      },
    };
  }

  /** Attempts that may yet be answered. */
  ringing(buyer: string): number {
    return this.#ringing.get(buyer)?.size ?? 0;
  }

  live(buyer: string): number {
    return this.#held.get(buyer)?.size ?? 0;
  }

  /** The call has ended but what it was worth is not known yet: it may still count as converted. */
  await(call: string, buyer: string): void {
    this.#of(this.#unsettled, buyer).add(call);
  }

  settled(call: string, buyer: string): void {
    this.#unsettled.get(buyer)?.delete(call);
  }

  /** Calls that may yet convert: those that live and those that await their settlement. */
  mayConvert(buyer: string): number {
    const waiting = this.#unsettled.get(buyer);
    return this.live(buyer) + (waiting?.size ?? 0);
  }

  #of(calls: Map<string, Set<string>>, buyer: string): Set<string> {
    const known = calls.get(buyer);
    if (known) return known;
    const fresh = new Set<string>();
    calls.set(buyer, fresh);
    return fresh;
  }
}
