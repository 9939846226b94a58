import type { Load } from '../../event-loop.ts';
import type { SrfWire } from './srf.ts';

/** Milliseconds: a command that waits for longer found the server at other work. */
const atOnce = 15;
/** With fewer commands a second nobody's figures tell anything, and no server is busy with us. */
const enough = 50;
/** Seconds: the way there and back is as long as it was for the quickest of these. */
const windowSeconds = 10;

/**
 * How busy a drachtio server is that says nothing of itself: it answers each command in its turn, behind whatever came
 * from the network before. `delay` is how long the slowest one in a hundred waited, `busy` the share of those that
 * waited at all, the way through the network left out. Bound to the wire last: it sees what is sent and what comes.
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
      this.#took.push(performance.now() - at);
    });
    wire.on('close', () => this.#asked.clear());
  }

  /** Of what happened since this was last asked; to be asked once a second. Null: too little to tell. */
  take(): Load | null {
    const now = performance.now();
    const took = this.#took;
    this.#took = [];
    if (took.length > 0) this.#quickest.push(Math.min(...took));
    if (this.#quickest.length > windowSeconds) this.#quickest.shift();
    // Those that wait yet have waited for at least so long.
    const waited = [...took, ...[...this.#asked.values()].map((at) => now - at)].sort((a, b) => a - b);
    if (waited.length < enough) return null;
    const way = Math.min(...this.#quickest);
    const busy = waited.filter((ms) => ms - way > atOnce).length / waited.length;
    return { delay: Math.max(0, (waited[Math.floor(waited.length * 0.99)] ?? 0) - way), busy };
  }
}
