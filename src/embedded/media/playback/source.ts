/** Audio to be played, in one law, frame by frame. */
export interface AudioSource {
  /** What FreeSWITCH calls it in its playback events; undefined for plain files. */
  readonly type: 'tone_stream' | 'silence_stream' | undefined;
  /** Fills one frame of 160 octets; false once nothing is left. */
  next(into: Uint8Array): boolean;
  /** Samples handed out so far. */
  readonly played: number;
}

/** A piece of encoded audio, played once, from `start` samples on. */
export class EncodedAudio implements AudioSource {
  readonly type = undefined;
  readonly #octets: Uint8Array;
  readonly #silence: number;
  readonly #start: number;
  #at: number;

  constructor(octets: Uint8Array, silence: number, start = 0) {
    this.#octets = octets;
    this.#silence = silence;
    this.#at = this.#start = Math.min(start, octets.length);
  }

  get played(): number {
    return this.#at - this.#start;
  }

  next(into: Uint8Array): boolean {
    const left = this.#octets.length - this.#at;
    if (left <= 0) return false;
    const take = Math.min(left, into.length);
    // A loop makes no garbage, and 160 octets are soon copied.
    for (let i = 0; i < take; i++) into[i] = this.#octets[this.#at + i] ?? this.#silence;
    into.fill(this.#silence, take);
    this.#at += take;
    return true;
  }
}

/** A stretch of encoded audio over and over: `times` times, or for ever where that is not finite. */
export class LoopedAudio implements AudioSource {
  readonly type;
  readonly #octets: Uint8Array;
  readonly #silence: number;
  readonly #length: number;
  #at = 0;

  constructor(octets: Uint8Array, silence: number, times: number, type: AudioSource['type']) {
    this.#octets = octets;
    this.#silence = silence;
    this.#length = octets.length === 0 ? 0 : octets.length * times;
    this.type = type;
  }

  get played(): number {
    return this.#at;
  }

  next(into: Uint8Array): boolean {
    const take = Math.min(this.#length - this.#at, into.length);
    if (take <= 0) return false;
    for (let i = 0; i < take; i++)
      into[i] = this.#octets[(this.#at + i) % this.#octets.length] ?? this.#silence;
    into.fill(this.#silence, take);
    this.#at += take;
    return true;
  }
}

/** One source after the other, without a gap. */
export class AudioSequence implements AudioSource {
  readonly type = undefined;
  readonly #sources: readonly AudioSource[];
  #current = 0;

  constructor(sources: readonly AudioSource[]) {
    this.#sources = sources;
  }

  get played(): number {
    return this.#sources.reduce((sum, source) => sum + source.played, 0);
  }

  next(into: Uint8Array): boolean {
    for (; this.#current < this.#sources.length; this.#current++) {
      if (this.#sources[this.#current]?.next(into) === true) return true;
    }
    return false;
  }
}
