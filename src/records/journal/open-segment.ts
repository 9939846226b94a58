/**
 * The segment that is being written: what was appended is on the disk once `append` resolves. Callbacks and one call of
 * the system for each append, where the system has such: a FileHandle's promises, and a second way to the threads that
 * wait for the disk, would cost the calls' own thread three times as much.
 */
import { close, constants, fdatasync, open, write } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { encodeHeader } from './line.ts';
import { segmentAt, syncFolder, type Segment } from './segment.ts';

const closeFile = promisify(close);
const openFile = promisify(open);
const syncFile = promisify(fdatasync);

/** Elsewhere a write that is said to be synchronous may rest in the disk's own memory; fdatasync does not let it. */
const writesThrough = process.platform === 'linux';
const flags = constants.O_RDWR | (writesThrough ? constants.O_DSYNC : 0);

export class OpenSegment {
  readonly segment: Segment;
  readonly #fd: number;
  #bytes: number;

  private constructor(segment: Segment, fd: number, bytes: number) {
    this.segment = segment;
    this.#fd = fd;
    this.#bytes = bytes;
  }

  /** A new one, which begins with this number; what lay there under its name is written over. */
  static async begin(dir: string, journal: string, first: number): Promise<OpenSegment> {
    const segment = segmentAt(dir, first);
    const header = encodeHeader(journal, first);
    await writeFile(segment.path, header, { mode: 0o600, flush: true });
    await syncFolder(dir);
    return OpenSegment.resume(segment, Buffer.byteLength(header));
  }

  /** One of which so many bytes are good. */
  static async resume(segment: Segment, bytes: number): Promise<OpenSegment> {
    return new OpenSegment(segment, await openFile(segment.path, flags), bytes);
  }

  get durableBytes(): number {
    return this.#bytes;
  }

  /** Always from the last durable byte: what a failed try left there is written over. */
  async append(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;)
      done += await writeAt(this.#fd, bytes.subarray(done), this.#bytes + done);
    if (!writesThrough) await syncFile(this.#fd);
    this.#bytes += bytes.length;
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }
}

/** Resolves to how many bytes were written. */
const writeAt = (fd: number, bytes: Buffer, at: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, at, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
