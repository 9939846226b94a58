import type { Subject } from '../routing/network.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Call } from './call.ts';
import type { Leases } from './counts/leases.ts';
import type { Performance } from './counts/performance.ts';
import { subjectsOf } from './subjects.ts';
import type { Tally } from './counts/tally.ts';

export interface Settled {
  readonly call: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly caller: string | null;
  readonly buyer: string;
  readonly converted: boolean;
  /** Micro-units. */
  readonly revenue: number;
  /** When the call ended, milliseconds since the epoch. */
  readonly at: number;
}

/** By how much: `revenue` in micro-units, `converted` -1, 0 or 1. */
interface CorrectedCall extends Omit<Settled, 'call' | 'converted'> {
  readonly converted: number;
}

interface Awaited {
  readonly subjects: readonly Subject[];
  readonly release: () => void;
}

/**
 * Calls from their connection to their settlement: they may yet convert and bring revenue, and so they still count,
 * without a gap between the end of the lease and the verdict.
 */
export class Settlements {
  readonly #leases: Leases;
  readonly #tally: Tally;
  readonly #performance: Performance;
  readonly #awaited = new Map<string, Awaited>();

  constructor(leases: Leases, tally: Tally, performance: Performance) {
    this.#leases = leases;
    this.#tally = tally;
    this.#performance = performance;
  }

  /** The caller is through to this buyer. `worth`: micro-units that the call may bring. */
  await(call: Call, connectedTo: PlannedAttempt, worth: number): void {
    const subjects = subjectsOf(call, connectedTo);
    const release = this.#leases.await({ call: call.id, buyer: connectedTo.buyer.id, subjects, worth });
    this.#awaited.set(call.id, { subjects, release });
  }

  /**
   * There will be no verdict: the buyer hung up so early that another has the call, or the database would not have its
   * record. It stands in nobody's way.
   */
  forgo(call: string): void {
    this.#awaited.get(call)?.release();
    this.#awaited.delete(call);
  }

  /** What a settled call is worth changed. Counts towards the period in which the call ended, as after a restart. */
  corrected({ campaign, publisher, caller, buyer, converted, revenue, at }: CorrectedCall): void {
    const subjects = named({ campaign, publisher, buyer });
    this.#tally.count(subjects, 'revenue', revenue, at);
    this.#performance.add(campaign, buyer, { revenue }, at);
    if (converted !== 0) this.#tally.count(subjects, 'converted', converted, at);
    if (converted > 0 && caller !== null) this.#tally.see({ caller, campaign, buyer, seen: 'converted', at });
  }

  /** A call of an earlier run, closed at the start, was not awaited: it counts by its names. */
  settled({ call, campaign, publisher, caller, buyer, converted, revenue, at }: Settled): void {
    const subjects = this.#awaited.get(call)?.subjects ?? named({ campaign, publisher, buyer });
    this.forgo(call);
    this.#tally.count(subjects, 'revenue', revenue, at);
    this.#performance.add(campaign, buyer, { revenue }, at);
    if (!converted) return;
    this.#tally.count(subjects, 'converted', 1, at);
    if (caller !== null) this.#tally.see({ caller, campaign, buyer, seen: 'converted', at });
  }
}

const named = ({
  campaign,
  publisher,
  buyer,
}: Pick<Settled, 'campaign' | 'publisher' | 'buyer'>): readonly Subject[] => [
  `buyer:${buyer}`,
  `route:${campaign}/${buyer}`,
  `campaign:${campaign}`,
  `publisher:${publisher}`,
];
