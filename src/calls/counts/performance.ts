/** What each buyer brought each campaign, in quarters of an hour: what `best_performing` looks back over. */
interface Quarter {
  readonly from: number;
  attempts: number;
  revenue: number;
}

interface PastQuarter {
  readonly campaign: string;
  readonly buyer: string;
  readonly attempts: number;
  readonly revenue: number;
  readonly at: number;
}

const quarterMs = 15 * 60_000;

export class Performance {
  readonly #quarters = new Map<string, Quarter[]>();
  /** The longest look-back of any campaign: nothing older is kept. */
  #keepFor: number;

  constructor(keepFor: number) {
    this.#keepFor = keepFor;
  }

  add(campaign: string, buyer: string, what: { attempts?: number; revenue?: number }, at: number): void {
    const key = `${campaign}|${buyer}`;
    const quarters = this.#quarters.get(key) ?? [];
    this.#quarters.set(key, quarters);
    const from = at - (at % quarterMs);
    let quarter = quarters.findLast((one) => one.from <= from);
    if (quarter?.from !== from) {
      quarter = { from, attempts: 0, revenue: 0 };
      quarters.splice(quarters.findLastIndex((one) => one.from < from) + 1, 0, quarter);
    }
    quarter.attempts += what.attempts ?? 0;
    quarter.revenue += what.revenue ?? 0;
    while ((quarters[0]?.from ?? at) < at - this.#keepFor - quarterMs) quarters.shift();
  }

  /** Looks back further, or less far, from now on; what lies before that which is held comes by `takesOlder`. */
  keep(milliseconds: number): void {
    this.#keepFor = milliseconds;
  }

  /** What takes, in portions, that which lies before all that is held now of the same campaign and buyer; the rest was counted when it happened. */
  takesOlder(): (past: readonly PastQuarter[]) => void {
    const held = new Map([...this.#quarters].map(([key, quarters]) => [key, quarters[0]?.from ?? Infinity]));
    return (past) => {
      for (const { campaign, buyer, attempts, revenue, at } of past) {
        if (at - (at % quarterMs) >= (held.get(`${campaign}|${buyer}`) ?? Infinity)) continue;
        this.add(campaign, buyer, { attempts, revenue }, at);
      }
    };
  }

  /** Revenue in micro-units. */
  over(
    campaign: string,
    buyer: string,
    since: number,
  ): { readonly attempts: number; readonly revenue: number } {
    let attempts = 0;
    let revenue = 0;
    for (const quarter of this.#quarters.get(`${campaign}|${buyer}`) ?? []) {
      if (quarter.from + quarterMs <= since) continue;
      attempts += quarter.attempts;
      revenue += quarter.revenue;
    }
    return { attempts, revenue };
  }
}
