import { settleable } from '../deadline.ts';
import type { Trunk } from '../routing/network.ts';
import type { Signalling } from '../signalling/signalling.ts';
import type { Holding, Scope } from './scope.ts';
import { trunkUri } from './trunks/uri.ts';

/**
 * The time from an INVITE to the first that is heard of whoever it went to. SIP itself would wait for 32 s (Timer B,
 * RFC 3261 17.1.1.2); a caller does not. A far end that answers late gets its ACK and BYE from whoever let it go.
 *
 * Not every SIP server tells of a 100, and a telephone network may take seconds to ring: so half-way an OPTIONS asks
 * whether anybody is there, and its answer breaks the silence, too.
 */
export class Silence {
  readonly lasted: Promise<'silent'>;
  readonly #timers: readonly Holding[];

  constructor(scope: Scope, trunk: Trunk, signalling: Pick<Signalling, 'probe'>) {
    const { promise, settle } = settleable<'silent'>();
    this.lasted = promise;
    const halfWay = scope.timer(trunk.silentAfter / 2);
    const end = scope.timer(trunk.silentAfter);
    this.#timers = [halfWay, end];
    void halfWay.elapsed.then(async () => {
      if ((await signalling.probe(trunkUri(trunk))) === 'up') this.broken();
    });
    void end.elapsed.then(() => settle('silent'));
  }

  /** Something was heard, or nobody listens any more. Idempotent. */
  broken(): void {
    for (const timer of this.#timers) void timer.release();
  }
}
