import type { Load } from '../../event-loop.ts';
import type { SrfWire } from './srf.ts';

/** Milliseconds: a command that waits for longer found the server at other work. */
const atOnce = 15;
/** With fewer commands a second nobody's figures tell anything, and no server is busy with us. */
const enough = 50;
/**
 * Seconds: the way there and back is as long as it was for the quickest of these. Longer than any queue lasts that fewer
 * calls would empty, or a lasting one would be taken for the way.
 */
const windowSeconds = 60;
/** Milliseconds: what was not answered by then never will be. */
const forgottenAfter = 10_000;
/** More than these a second tell nothing more. */
const mostTold = 20_000;

/**
 * How busy a drachtio server is that says nothing of itself: it answers each command in its turn, behind whatever came
 * from the network before. `delay` is how long the slowest one in a hundred waited, `busy` the share of those that
 * waited at all. Left out is the way through the network, and how late our own event loop reads.
 */
export class LinkLoad {
  readonly #asked = new Map<string, number>();
  readonly #quickest: number[] = [];
  #took: number[] = [];

  constructor(wire: SrfWire) {
    const send = wire.send.bind(wire);
    wire.send = (socket, message) => {
      const id = send(socket, message);
      this.#asked.set(id, performance.now());
      return id;
    };
    wire.on('msg', (_socket, said) => {
      const answered = /^[^|]*\|response\|([^|]*)/.exec(said)?.[1];
      const at = answered === undefined ? undefined : this.#asked.get(answered);
      if (answered === undefined || at === undefined) return;
      this.#asked.delete(answered);
      if (this.#took.length < mostTold) this.#took.push(performance.now() - at);
    });
    // The next link may have another way.
    wire.on('close', () => {
      this.#asked.clear();
      this.#took = [];
      this.#quickest.length = 0;
    });
  }

  /** Of what happened since this was last asked; to be asked once a second, with our own load. Null: too little to tell. */
  take(own: Load): Load | null {
    const now = performance.now();
    const took = this.#took;
    this.#took = [];
    if (took.length > 0) this.#quickest.push(leastOf(took));
    if (this.#quickest.length > windowSeconds) this.#quickest.shift();
    for (const [id, at] of this.#asked) if (now - at > forgottenAfter) this.#asked.delete(id);
    // Those that wait yet have waited for at least so long.
    const waited = [...took, ...[...this.#asked.values()].map((at) => now - at)].sort((a, b) => a - b);
    if (waited.length < enough) return null;
    const notItsDoing = leastOf(this.#quickest) + own.delay;
    const busy = waited.filter((ms) => ms - notItsDoing > atOnce).length / waited.length;
    return { delay: Math.max(0, (waited[Math.floor(waited.length * 0.99)] ?? 0) - notItsDoing), busy };
  }
}

const leastOf = (all: readonly number[]): number =>
  all.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
