import type { SipRequest, SipResponse } from '../message/message.ts';
import { Timers } from '../timers.ts';
import type { Channel } from '../transport/channel.ts';
import type { ServerTransaction, ServerUser, TransactionEnvironment } from './environment.ts';

/**
 * RFC 3261 §17.2.2, figure 8.
 *
 *   trying ──1xx──▶ proceeding ──final──▶ completed ──J──▶ terminated
 *      └──────────────final───────────────▲
 */
export class NonInviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest;
  state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying';
  readonly #channel: Channel;
  readonly #env: TransactionEnvironment;
  readonly #user: ServerUser;
  readonly #timers: Timers;
  #last: Buffer | null = null;

  constructor(request: SipRequest, channel: Channel, env: TransactionEnvironment, user: ServerUser) {
    this.request = request;
    this.#channel = channel;
    this.#env = env;
    this.#user = user;
    this.#timers = new Timers(env.clock);
  }

  repeated(): void {
    if (this.#last && this.state !== 'terminated') this.#send(this.#last);
  }

  respond(response: SipResponse): boolean {
    switch (this.state) {
      case 'trying':
      case 'proceeding':
        return this.#answer(response);
      case 'completed':
      case 'terminated':
        return false;
    }
  }

  abandon(): void {
    this.#terminate();
  }

  #answer(response: SipResponse): boolean {
    this.#last = response.toBuffer();
    this.state = response.status < 200 ? 'proceeding' : 'completed';
    this.#send(this.#last);
    if (this.state === 'completed') {
      if (this.#channel.reliable) this.#terminate();
      else this.#timers.start('J', 64 * this.#env.timers.t1, () => this.#terminate());
    }
    return true;
  }

  #send(bytes: Buffer): void {
    this.#channel.send(bytes, (error) => this.#terminate(() => this.#user.failed('transport', error)));
  }

  #terminate(tell?: () => void): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.#timers.cancelAll();
    tell?.();
    this.#user.terminated();
  }
}
