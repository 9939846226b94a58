/** One caller's call in the demo, as the caller and the switch see it from moment to moment. */
import { join } from 'node:path';
import { settleable } from '../deadline.ts';
import type { CallEnd, PhoneCall } from '../phone/call.ts';
import type { Heard } from '../phone/hearing.ts';
import type { Phone } from '../phone/phone.ts';
import type { Caller } from './cast.ts';
import type { LiveCall } from './live-calls.ts';
import { packageRoot } from './package-root.ts';
import { pause } from './pause.ts';

const quietMs = 800;

export class Scene {
  readonly caller: Caller;
  /** `waiting` until the call is placed; `over` once `end` is known; between them the switch's own word where it has one. */
  state = 'waiting';
  buyer: string | null = null;
  wasConnected = false;
  end: CallEnd | null = null;
  heard: Heard | null = null;
  /** When the call was placed and when it ended, milliseconds since the epoch. */
  began: number | null = null;
  over: number | null = null;
  readonly #talking = settleable<'talking'>();

  constructor(caller: Caller) {
    this.caller = caller;
  }

  get live(): boolean {
    return this.began !== null && this.end === null;
  }

  /** The switch's view, for as long as the call is live. */
  told(call: LiveCall): void {
    if (!this.live) return;
    this.state = call.state;
    this.buyer = call.buyer;
    if (call.connected_since === null) return;
    this.wasConnected = true;
    this.#talking.settle('talking');
  }

  async perform(phone: Phone, address: string): Promise<void> {
    const { caller } = this;
    await pause(caller.at);
    this.began = Date.now();
    this.state = 'dialling';
    const ringing = settleable<'ringing'>();
    const call = phone.call(address.replace(/^sip:/, `sip:${caller.to}@`), {
      from: caller.from,
      onProgress: () => {
        if (this.state === 'dialling') this.state = 'ringing';
        ringing.settle('ringing');
      },
    });
    if (caller.leaves !== 'never' && caller.leaves.stage === 'ringing')
      void this.#leaveAfter(call, ringing.promise);
    const answer = await call.answered;
    if (answer.ok) await this.#converse(call);
    this.end = await call.ended;
    this.over = Date.now();
    this.state = 'over';
    this.heard = await call.hear();
  }

  async #converse(call: PhoneCall): Promise<void> {
    const { press, patience, voice, leaves } = this.caller;
    if (leaves !== 'never' && leaves.stage === 'answered') return this.#leaveAfter(call, call.answered);
    for (const keys of press) {
      await call.quiet(quietMs, patience);
      await call.press(keys);
    }
    const talking = await Promise.race([this.#talking.promise, call.ended]);
    if (talking !== 'talking') return;
    if (voice !== null)
      void call.say(join(packageRoot, 'config/voices', `${voice}.wav`), 'silence_stream://-1');
    if (leaves !== 'never') await this.#leaveAfter(call, this.#talking.promise);
  }

  async #leaveAfter(call: PhoneCall, moment: Promise<unknown>): Promise<void> {
    if (this.caller.leaves === 'never') return;
    await Promise.race([moment, call.ended]);
    await Promise.race([pause(this.caller.leaves.after), call.ended]);
    await call.hangUp();
  }
}
