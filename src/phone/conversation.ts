/** A call on the phone from its first moment to its end, whoever placed it. */
import { writeFile } from 'node:fs/promises';
import { settleable } from '../deadline.ts';
import type { Leg } from '../signalling/signalling.ts';
import type { Answer, CallEnd, PhoneCall } from './call.ts';
import { type Heard, listen } from './hearing.ts';
import type { Line } from './line.ts';
import { writeWav } from './wav.ts';

export class Conversation implements PhoneCall {
  readonly #answered = settleable<Answer>();
  readonly #ended = settleable<CallEnd>();
  #line: Line | null = null;
  #leg: Leg | null = null;
  #giveUp: (() => void) | null = null;
  #hungUp = false;
  #isOver = false;

  get answered(): Promise<Answer> {
    return this.#answered.promise;
  }

  get ended(): Promise<CallEnd> {
    return this.#ended.promise;
  }

  get digits(): string {
    return this.#line?.digits ?? '';
  }

  /** Whether the person put the phone down before there was an answer. */
  get hungUp(): boolean {
    return this.#hungUp;
  }

  /** The line is open; `giveUp` ends the attempt while nobody has answered. */
  opened(line: Line, giveUp: () => void): void {
    this.#line = line;
    this.#giveUp = giveUp;
  }

  /** To be called in the tick in which the leg was given out: a re-INVITE may be right behind. */
  through(leg: Leg, line: Line, afterMs: number): void {
    this.#leg = leg;
    leg.onDigit((digit) => line.digit(digit));
    leg.onOffer(async (sdp) => {
      const answer = sdp === null ? line.endpoint.sdp : await line.connect(sdp);
      return answer === null ? { status: 488 } : { sdp: answer };
    });
    void leg.ended.then(({ by }) =>
      this.finish(
        by === 'us' || by === 'far_end'
          ? { by, cause: 'hung_up', status: 200, reason: '' }
          : { by: 'link', cause: 'lost', status: 200, reason: by === 'server' ? 'no ACK' : 'SIP link lost' },
      ),
    );
    void line.endpoint.ended.then(async (why) => {
      if (why === 'closed') return;
      const finished = this.finish({ by: 'link', cause: 'lost', status: 200, reason: why });
      await Promise.all([finished, leg.hangup()]);
    });
    this.#answered.settle({ ok: true, afterMs });
  }

  async finish(end: CallEnd): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answered.settle({ ok: false, end });
    await this.#line?.close();
    this.#ended.settle(end);
  }

  async press(keys: string): Promise<void> {
    await this.#line?.endpoint.press(keys);
  }

  async say(...sources: string[]): Promise<'played' | 'stopped' | 'failed'> {
    if (this.#line === null || this.#isOver) return 'stopped';
    return this.#line.say(...sources);
  }

  async hear(from = 0): Promise<Heard> {
    return (await this.#line?.hear(from)) ?? listen(new Int16Array(0));
  }

  async quiet(quietMs: number, withinMs: number): Promise<boolean> {
    return (await this.#line?.quiet(quietMs, withinMs)) ?? false;
  }

  async keep(file: string): Promise<void> {
    await writeFile(file, writeWav((await this.#line?.samples()) ?? new Int16Array(0)));
  }

  async hangUp(): Promise<void> {
    this.#hungUp = true;
    if (this.#leg === null) this.#giveUp?.();
    else await this.#leg.hangup();
    await this.ended;
  }
}
