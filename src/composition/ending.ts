/** How a switch that carries calls comes to carry none. */
import type { Registry } from '../calls/registry.ts';
import type { Books } from '../calls/scope.ts';
import { within } from '../deadline.ts';

export interface Ending {
  /** From the first word of either on, no call is taken. */
  readonly isDraining: () => boolean;
  /** Takes no more calls, waits for those that live as long as `limits.drain` says, then ends them. */
  readonly drain: () => Promise<void>;
  /** Ends every call now, and waits for the far ends as long as they may take. */
  readonly hangUp: () => Promise<void>;
}

/** How long a stop waits for far ends that do not answer their BYE. */
const lastReleaseWithin = 6_000;

/** `patience`: how long a drain lets calls go on, in milliseconds. */
export function endingOf(registry: Registry, books: Books, patience: () => number): Ending {
  let draining = false;
  const hangUp = async () => {
    draining = true;
    for (const call of registry.all()) call.end('drained', 'switch');
    await within(lastReleaseWithin, registry.empty(), undefined);
    await within(lastReleaseWithin, books.empty(), undefined);
  };
  const drain = async () => {
    draining = true;
    await within(patience(), registry.empty(), undefined);
    await hangUp();
  };
  return { isDraining: () => draining, drain, hangUp };
}
