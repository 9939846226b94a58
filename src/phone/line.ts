/**
 * An open line: one endpoint, what it says, what it has heard so far. What the far end says is recorded from the
 * first moment it can be heard; to hear is to read that recording.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint, Playing } from '../media/media.ts';
import { type Heard, listen, loudness, quiet } from './hearing.ts';
import { readWav, sampleRate } from './wav.ts';

const pollMs = 100;

export class Line {
  readonly endpoint: Endpoint;
  readonly #file: string;
  #connecting: Promise<unknown> = Promise.resolve();
  #remoteSdp: string | null = null;
  #recording = false;
  #playing: Playing | null = null;
  #digits = '';
  #ended = false;

  /** `file`: where what is heard is recorded; it outlives the line. */
  constructor(endpoint: Endpoint, file: string) {
    this.endpoint = endpoint;
    this.#file = file;
    endpoint.onDigit((digit) => this.digit(digit));
    void endpoint.ended.then(() => (this.#ended = true));
  }

  /** Gives the far end's SDP, early or final or of a re-INVITE, in order; null where no media can be agreed. */
  connect(remoteSdp: string): Promise<string | null> {
    const connected = this.#connecting.then(() => this.#connect(remoteSdp));
    this.#connecting = connected;
    return connected;
  }

  async startHearing(): Promise<void> {
    if (this.#recording) return;
    this.#recording = true;
    this.#recording = await this.endpoint.record(this.#file);
  }

  /** WAV files (absolute paths), `tone_stream://…` or `silence_stream://…`; interrupts what is being said. */
  async say(...sources: string[]): Promise<'played' | 'stopped' | 'failed'> {
    const before = this.#playing;
    this.#playing = null;
    await before?.stop();
    const playing = this.endpoint.play(...sources);
    this.#playing = playing;
    return playing.done;
  }

  digit(digit: string): void {
    this.#digits += digit;
  }

  get digits(): string {
    return this.#digits;
  }

  /** What was heard since `from` seconds of the recording. */
  async hear(from = 0): Promise<Heard> {
    const samples = await this.samples();
    return listen(samples.subarray(Math.round(from * sampleRate)));
  }

  async samples(): Promise<Int16Array> {
    const file = await readFile(this.#file).catch(() => Buffer.alloc(0));
    return readWav(file);
  }

  /**
   * Resolves true once the far end has said nothing for `quietMs`; false after `withinMs`, or when the endpoint has
   * ended. Told from what is recorded, which may reach the disk a second late.
   */
  async quiet(quietMs: number, withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    const least = (quietMs / 1000) * sampleRate;
    const begun = (await this.samples()).length;
    while (!this.#ended && Date.now() < deadline) {
      await pause(pollMs);
      const since = (await this.samples()).subarray(begun);
      if (since.length >= least && loudness(since.subarray(-least)) < quiet) return true;
    }
    return false;
  }

  /** The recording is whole once this resolves. */
  async close(): Promise<void> {
    if (this.#recording) await this.endpoint.stopRecording(this.#file);
    await this.endpoint.close();
  }

  async #connect(remoteSdp: string): Promise<string | null> {
    if (remoteSdp === this.#remoteSdp) return this.endpoint.sdp;
    const connected = await this.endpoint.connect(remoteSdp);
    if (!connected.ok) return null;
    this.#remoteSdp = remoteSdp;
    await this.startHearing();
    return connected.sdp;
  }
}
