/** What a stranger may have of our connections; times in ms. */
export interface ConnectionLimits {
  /** For a message to come whole, from its first byte, and for the first one from the connection's beginning. */
  readonly wholeMessage: number;
  /** Without a message either way, and without a dialog. */
  readonly idle: number;
  /** Connections that one address may open at a time. */
  readonly perPeer: number;
}

export const standardConnectionLimits: ConnectionLimits = {
  wholeMessage: 30_000,
  idle: 600_000,
  perPeer: 512,
};

/** Gives up on a connection that nothing whole comes over. */
export class Patience {
  readonly #limits: ConnectionLimits;
  readonly #isInUse: () => boolean;
  readonly #giveUp: () => void;
  #timer: NodeJS.Timeout;
  /** A message is owed to the end. */
  #isOwed: boolean;

  /** `isOwed`: whoever opened the connection is to send something; `isInUse` says whether it may idle. */
  constructor(limits: ConnectionLimits, isOwed: boolean, isInUse: () => boolean, giveUp: () => void) {
    this.#limits = limits;
    this.#isInUse = isInUse;
    this.#giveUp = giveUp;
    this.#isOwed = isOwed;
    this.#timer = this.#start();
  }

  /** Bytes came: `whole` messages with them or not, and the beginning of a further one or not. */
  heard(whole: boolean, begun: boolean): void {
    if (this.#isOwed && !whole) return;
    if (begun === this.#isOwed) {
      this.#timer.refresh();
      return;
    }
    this.stop();
    this.#isOwed = begun;
    this.#timer = this.#start();
  }

  sent(): void {
    if (!this.#isOwed) this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    const { wholeMessage, idle } = this.#limits;
    return setTimeout(() => this.#expired(), this.#isOwed ? wholeMessage : idle).unref();
  }

  #expired(): void {
    if (!this.#isOwed && this.#isInUse()) this.#timer = this.#start();
    else this.#giveUp();
  }
}
