/** Which calls have begun and not ended: their lines must stay in the journal, for a killed switch closes them by these. */
import type { LoadedEvent } from './loaded-journal.ts';

export class OpenCalls {
  readonly #offeredAt = new Map<string, number>();

  see(seq: number, event: LoadedEvent): void {
    if (event.type === 'offered') this.#offeredAt.set(event.call, seq);
    if (event.type === 'ended') this.#offeredAt.delete(event.record.call);
  }

  /** The first number that is still needed when everything up to `position` was loaded. */
  neededFrom(position: number): number {
    let needed = position + 1;
    for (const seq of this.#offeredAt.values()) needed = Math.min(needed, seq);
    return needed;
  }
}
