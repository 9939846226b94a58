import type { Subject } from '../../routing/network.ts';
import type { LeftOut } from '../../routing/plan.ts';
import type { Hold, UsageBook } from './usage.ts';

/**
 * Slots on the concurrency and caps of everything that an attempt counts for, taken before the buyer is dialled and held
 * under the call's id. Release is idempotent: a double BYE, a cancel that crosses and a failing task all come to the same.
 */
export interface Lease {
  /** Micro-units that the attempt may bring: reserved on caps on revenue as long as it is held. */
  readonly worth: number;
  /** The buyer answered: the slot no longer stands for a connection that may come. */
  connected(): void;
  release(): void;
}

export interface Attempted {
  readonly call: string;
  readonly buyer: string;
  readonly subjects: readonly Subject[];
  /** Micro-units. */
  readonly worth: number;
}

export class Leases {
  readonly #usages: UsageBook;

  constructor(usages: UsageBook) {
    this.#usages = usages;
  }

  /** Takes the slots in the same tick in which `limits` was asked: no other call can come between. */
  take(attempted: Attempted, limits: () => LeftOut | null): Lease | LeftOut {
    const reached = limits();
    if (reached !== null) return reached;
    const { worth } = attempted;
    this.#enter(attempted, ['slots', 'ringing']);
    let rings = true;
    let isHeld = true;
    return {
      worth,
      connected: () => {
        if (rings) this.#leave(attempted, ['ringing'], null);
        rings = false;
      },
      release: () => {
        if (isHeld) this.#leave(attempted, rings ? ['slots', 'ringing'] : ['slots'], worth);
        isHeld = rings = false;
      },
    };
  }

  /**
   * The caller is through to the buyer: until the call is settled, which is what is returned, it may count as converted
   * and bring revenue, whether it still holds its slots or not.
   */
  await(attempted: Attempted): () => void {
    this.#enter(attempted, ['unsettled']);
    let isHeld = true;
    return () => {
      if (isHeld) this.#leave(attempted, ['unsettled'], attempted.worth);
      isHeld = false;
    };
  }

  #enter({ call, buyer, subjects, worth }: Attempted, holds: readonly Hold[]): void {
    for (const subject of subjects)
      this.#usages.of(subject).enter(holderOf(subject, call, buyer), holds, worth);
  }

  #leave({ call, buyer, subjects }: Attempted, holds: readonly Hold[], worth: number | null): void {
    for (const subject of subjects)
      this.#usages.of(subject).leave(holderOf(subject, call, buyer), holds, worth);
  }
}

/** A trunk carries each INVITE of a ring group; for everything else a call is one, however many buyers it rings. */
function holderOf(subject: Subject, call: string, buyer: string): string {
  return subject.startsWith('trunk:') ? `${call} ${buyer}` : call;
}
