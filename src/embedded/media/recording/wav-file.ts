import { open, type FileHandle } from 'node:fs/promises';
import { wavHeader } from '../playback/wav.ts';

const headerOctets = 44;
/** Chunks (a second each) that may wait for the disk; past that the recording has holes rather than the process no memory. */
const greatestBacklog = 60;

/** A WAV file being written, in the background and in order. Its header is true once it is closed. */
export class WavFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #channels: 1 | 2;
  readonly #onFault: (error: unknown) => void;
  #octets = 0;
  #backlog = 0;
  #faulty = false;
  #tail: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, channels: 1 | 2, onFault: (error: unknown) => void) {
    this.path = path;
    this.#handle = handle;
    this.#channels = channels;
    this.#onFault = onFault;
  }

  /** Creates the file, for nobody else's eyes. Rejects where that cannot be, and where there is one: no recording is overwritten. */
  static async create(path: string, channels: 1 | 2, onFault: (error: unknown) => void): Promise<WavFile> {
    const handle = await open(path, 'wx', 0o600);
    const file = new WavFile(path, handle, channels, onFault);
    file.#queue(() => file.#writeHeader());
    return file;
  }

  /** Size on disk, once all that was given is written. */
  get size(): number {
    return headerOctets + this.#octets;
  }

  /** Takes over `chunk`: the caller must not change it any more. */
  append(chunk: Buffer): void {
    if (this.#faulty) return;
    if (this.#backlog >= greatestBacklog) {
      this.#fault(new Error(`the disk is ${this.#backlog} s behind`));
      return;
    }
    const at = this.size;
    this.#octets += chunk.length;
    this.#backlog++;
    this.#queue(async () => {
      await this.#handle.write(chunk, 0, chunk.length, at);
      this.#backlog--;
    });
  }

  async close(): Promise<void> {
    this.#queue(() => this.#writeHeader());
    await this.#tail;
    await this.#handle.close();
  }

  async #writeHeader(): Promise<void> {
    await this.#handle.write(wavHeader(this.#channels, this.#octets), 0, headerOctets, 0);
  }

  #queue(write: () => Promise<void>): void {
    this.#tail = this.#tail.then(write).catch((error: unknown) => this.#fault(error));
  }

  #fault(error: unknown): void {
    if (!this.#faulty) this.#onFault(error);
    this.#faulty = true;
  }
}
