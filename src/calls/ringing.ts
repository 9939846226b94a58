import type { Endpoint } from '../media/media.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';

/**
 * What the caller hears while a buyer rings: the buyer's own early media where it may pass, else ringing. A caller whose
 * media goes directly gets a buyer's early media only from the last attempt, for its SDP binds (RFC 3261 13.2.1).
 */
export class Ringing {
  readonly #call: Call;
  readonly #caller: Caller;
  readonly #endpoint: Endpoint | null;
  readonly #record: { ringingAt: number | null };
  readonly #passes: boolean;
  #early: Promise<void> | undefined;

  constructor(
    call: Call,
    caller: Caller,
    endpoint: Endpoint | null,
    record: { ringingAt: number | null },
    passes: boolean,
  ) {
    this.#call = call;
    this.#caller = caller;
    this.#endpoint = endpoint;
    this.#record = record;
    this.#passes = passes;
    caller.hearRinging();
  }

  hear({ status, sdp }: { readonly status: number; readonly sdp: string | null }): void {
    if (this.#call.isOver()) return;
    this.#record.ringingAt ??= this.#call.now();
    // A caller who left the offer to us has no media before the ACK: there is nobody to bridge to.
    const mayHear = this.#caller.sdp !== null || this.#caller.isAnswered;
    if (sdp === null || !this.#passes || !mayHear) {
      if (!this.#early) this.#caller.progress(180);
    } else if (!this.#endpoint) {
      this.#early ??= Promise.resolve();
      this.#caller.progress(status, sdp);
    } else {
      this.#early ??= this.#bridgeEarly(this.#endpoint, sdp);
    }
  }

  /** Early media in the making is finished before the answer is dealt with. */
  async settled(): Promise<void> {
    await this.#early;
  }

  async #bridgeEarly(endpoint: Endpoint, sdp: string): Promise<void> {
    const connected = await endpoint.connect(sdp);
    const ours = this.#caller.endpoint;
    if (!connected.ok || !ours || this.#call.isOver()) return;
    await this.#caller.stopRinging();
    await ours.bridge(endpoint);
    this.#caller.progress(183, ours.sdp);
  }
}
