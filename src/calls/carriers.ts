import ipaddr from 'ipaddr.js';
import type { Carrier } from '../config/config.ts';
import { LastSecond } from './trunks/last-second.ts';

type Block = { readonly carrier: Carrier; readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number] };

/** Who may send us calls, by the address that an INVITE came from, and how many at once and a second. */
export class Carriers {
  #blocks: readonly Block[] = [];
  readonly #live = new Map<string, number>();
  readonly #lastSecond = new LastSecond();
  readonly #ofAll = new LastSecond();

  constructor(carriers: readonly Carrier[]) {
    this.replace(carriers);
  }

  /** Live calls go on counting for their carrier, by its id. */
  replace(carriers: readonly Carrier[]): void {
    this.#blocks = carriers.flatMap((carrier) =>
      carrier.from.map((cidr) => ({ carrier, range: ipaddr.parseCIDR(cidr) })),
    );
  }

  find(address: string): Carrier | null {
    if (!ipaddr.isValid(address)) return null;
    const from = ipaddr.process(address);
    const block = this.#blocks.find(({ range }) => range[0].kind() === from.kind() && from.match(range));
    return block?.carrier ?? null;
  }

  /** Which of the carrier's limits one more call would break. Times are of a clock that is never set. */
  limit(carrier: Carrier, now: number): 'carrier_concurrency' | 'carrier_cps' | null {
    if (carrier.concurrency !== null && (this.#live.get(carrier.id) ?? 0) >= carrier.concurrency) {
      return 'carrier_concurrency';
    }
    const isFast = carrier.cps !== null && this.#lastSecond.count(carrier.id, now) >= carrier.cps;
    return isFast ? 'carrier_cps' : null;
  }

  /** Calls of all carriers in the last second. */
  startedThisSecond(now: number): number {
    return this.#ofAll.count('', now);
  }

  /** Counts a call in; returns what counts it out. */
  enter(carrier: Carrier, now: number): () => void {
    this.#live.set(carrier.id, (this.#live.get(carrier.id) ?? 0) + 1);
    this.#lastSecond.happened(carrier.id, now);
    this.#ofAll.happened('', now);
    return () => {
      this.#live.set(carrier.id, (this.#live.get(carrier.id) ?? 1) - 1);
    };
  }
}
