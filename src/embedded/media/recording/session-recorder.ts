import { frameSamples } from '../clock.ts';
import { decode, type Law } from '../g711.ts';
import { WavFile } from './wav-file.ts';

const secondSamples = 8000;
/** Lies between what comes and what is written, so that packets a little late leave no gap. */
const cushionSamples = 2 * frameSamples;

/** One direction on its way to the file: takes packets as they come, gives a frame a tick. */
class Track {
  readonly #ring = new Int16Array(secondSamples);
  readonly #decoded = new Int16Array(1500);
  #written = 0;
  #read = 0;
  #flows = false;

  put(law: Law, payload: Uint8Array): void {
    if (payload.length > this.#decoded.length) return;
    decode(law, payload, this.#decoded);
    for (let i = 0; i < payload.length; i++)
      this.#ring[this.#written++ % secondSamples] = this.#decoded[i] ?? 0;
    // Faster than our clock, or a burst after a stall: the oldest is given up.
    if (this.#written - this.#read > secondSamples) this.#read = this.#written - cushionSamples;
  }

  take(into: Int16Array): void {
    const held = this.#written - this.#read;
    this.#flows = this.#flows ? held >= into.length : held >= cushionSamples;
    if (!this.#flows) {
      into.fill(0);
      return;
    }
    for (let i = 0; i < into.length; i++) into[i] = this.#ring[this.#read++ % secondSamples] ?? 0;
  }
}

interface RecorderOptions {
  readonly path: string;
  /** The far end left, what it hears right; else both mixed into one. */
  readonly stereo: boolean;
  /** Only the far end is recorded. */
  readonly heardOnly: boolean;
  /** `onTime` is called once it has recorded for so long; Infinity for never. */
  readonly seconds: number;
  readonly onTime: () => void;
  readonly onFault: (error: unknown) => void;
}

/** Records a channel: what its far end says and what it hears, on the frames of the one clock. */
export class SessionRecorder {
  readonly #file: WavFile;
  readonly #options: RecorderOptions;
  readonly #heard = new Track();
  readonly #sent = new Track();
  readonly #left = new Int16Array(frameSamples);
  readonly #right = new Int16Array(frameSamples);
  readonly #channels: 1 | 2;
  #chunk: Buffer;
  #at = 0;
  #finished: Promise<void> | undefined;
  samples = 0;

  private constructor(file: WavFile, channels: 1 | 2, options: RecorderOptions) {
    this.#file = file;
    this.#channels = channels;
    this.#options = options;
    this.#chunk = this.#newChunk();
  }

  static async start(options: RecorderOptions): Promise<SessionRecorder> {
    const channels = options.stereo ? 2 : 1;
    const file = await WavFile.create(options.path, channels, options.onFault);
    return new SessionRecorder(file, channels, options);
  }

  get path(): string {
    return this.#file.path;
  }

  get size(): number {
    return this.#file.size;
  }

  heard(law: Law, payload: Uint8Array): void {
    this.#heard.put(law, payload);
  }

  sent(law: Law, payload: Uint8Array): void {
    if (!this.#options.heardOnly) this.#sent.put(law, payload);
  }

  tick(): void {
    if (this.#finished !== undefined) return;
    this.#heard.take(this.#left);
    this.#sent.take(this.#right);
    for (let i = 0; i < frameSamples; i++) {
      const left = this.#left[i] ?? 0;
      const right = this.#right[i] ?? 0;
      if (this.#channels === 2) {
        this.#at = this.#chunk.writeInt16LE(left, this.#at);
        this.#at = this.#chunk.writeInt16LE(right, this.#at);
      } else this.#at = this.#chunk.writeInt16LE(Math.max(-32_768, Math.min(32_767, left + right)), this.#at);
    }
    this.samples += frameSamples;
    if (this.#at === this.#chunk.length) this.#flush();
    if (this.samples === this.#options.seconds * secondSamples) this.#options.onTime();
  }

  /** Writes the rest and makes the header true. Calling it again waits for the same end. */
  finish(): Promise<void> {
    this.#finished ??= this.#close();
    return this.#finished;
  }

  async #close(): Promise<void> {
    this.#flush();
    await this.#file.close();
  }

  #flush(): void {
    if (this.#at > 0) this.#file.append(this.#chunk.subarray(0, this.#at));
    this.#chunk = this.#newChunk();
    this.#at = 0;
  }

  #newChunk(): Buffer {
    return Buffer.alloc(secondSamples * 2 * this.#channels);
  }
}
