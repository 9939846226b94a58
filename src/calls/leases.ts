import type { Subject } from '../routing/network.ts';
import type { LeftOut } from '../routing/plan.ts';

/**
 * Slots on the concurrency and caps of everything that an attempt counts for, taken before the buyer is dialled and held
 * under the call's id. Release is idempotent: a double BYE, a cancel that crosses and a failing task all come to the same.
 */
export interface Lease {
  /** The buyer answered: the slot no longer stands for a connection that may come. */
  connected(): void;
  release(): void;
}

type Holders = Map<Subject, Map<string, number>>;

export class Leases {
  readonly #held: Holders = new Map();
  readonly #ringing: Holders = new Map();
  readonly #unsettled: Holders = new Map();

  /** Takes the slots in the same tick in which `limits` was asked: no other call can come between. */
  take(
    call: string,
    buyer: string,
    subjects: readonly Subject[],
    limits: () => LeftOut | null,
  ): Lease | LeftOut {
    const reached = limits();
    if (reached !== null) return reached;
    const leave = subjects.flatMap((subject) => {
      const holder = holderOf(subject, call, buyer);
      return [enter(this.#held, subject, holder), enter(this.#ringing, subject, holder)] as const;
    });
    const stopRinging = leave.filter((_, index) => index % 2 === 1);
    return {
      connected: () => {
        for (const step of stopRinging) step();
      },
      release: () => {
        for (const step of leave) step();
      },
    };
  }

  /** `besides`: a call whose own slots do not stand in its way, when another buyer of its ring group is asked for. */
  live(subject: Subject, besides?: string): number {
    return others(this.#held.get(subject), besides);
  }

  /** Attempts that may yet be answered. */
  ringing(subject: Subject, besides?: string): number {
    return others(this.#ringing.get(subject), besides);
  }

  /** The call has ended but what it was worth is not known yet: it may still count as converted. Returns its settling. */
  await(call: string, buyer: string, subjects: readonly Subject[]): () => void {
    const leave = subjects.map((subject) => enter(this.#unsettled, subject, holderOf(subject, call, buyer)));
    return () => {
      for (const step of leave) step();
    };
  }

  /** Calls that may yet convert: those that live and those that await their settlement. */
  mayConvert(subject: Subject, besides?: string): number {
    return this.live(subject, besides) + (this.#unsettled.get(subject)?.size ?? 0);
  }
}

function others(holders: ReadonlyMap<string, number> | undefined, besides: string | undefined): number {
  if (holders === undefined) return 0;
  return besides !== undefined && holders.has(besides) ? holders.size - 1 : holders.size;
}

/** A trunk carries each INVITE of a ring group; for everything else a call is one, however many buyers it rings. */
function holderOf(subject: Subject, call: string, buyer: string): string {
  return subject.startsWith('trunk:') ? `${call} ${buyer}` : call;
}

/** Counts one in; returns what counts it out, once. */
function enter(holders: Holders, subject: Subject, holder: string): () => void {
  const of = holders.get(subject) ?? new Map<string, number>();
  holders.set(subject, of);
  of.set(holder, (of.get(holder) ?? 0) + 1);
  let isIn = true;
  return () => {
    if (!isIn) return;
    isIn = false;
    const left = (of.get(holder) ?? 1) - 1;
    if (left > 0) of.set(holder, left);
    else of.delete(holder);
    if (of.size === 0) holders.delete(subject);
  };
}
