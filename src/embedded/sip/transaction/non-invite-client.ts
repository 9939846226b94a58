import type { SipRequest, SipResponse } from '../message/message.ts';
import { Timers } from '../timers.ts';
import type { Channel } from '../transport/channel.ts';
import type { ClientUser, TransactionEnvironment } from './environment.ts';

/**
 * RFC 3261 §17.1.2, figure 6.
 *
 *   trying ──1xx──▶ proceeding ──final──▶ completed ──K──▶ terminated
 *      └──────────────final───────────────▲
 *   F or a transport error in trying and proceeding ends it at once.
 */
export class NonInviteClientTransaction {
  readonly request: SipRequest;
  state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying';
  readonly #bytes: Buffer;
  readonly #channel: Channel;
  readonly #env: TransactionEnvironment;
  readonly #user: ClientUser;
  readonly #timers: Timers;

  constructor(request: SipRequest, channel: Channel, env: TransactionEnvironment, user: ClientUser) {
    this.request = request;
    this.#bytes = request.toBuffer();
    this.#channel = channel;
    this.#env = env;
    this.#user = user;
    this.#timers = new Timers(env.clock);
  }

  start(): void {
    const { t1, t2 } = this.#env.timers;
    this.#timers.start('F', 64 * t1, () => this.#fail('timeout'));
    if (!this.#channel.reliable) this.#timers.repeat('E', t1, t2, () => this.#send());
    this.#send();
  }

  receive(response: SipResponse): void {
    switch (this.state) {
      case 'trying': {
        this.#trying(response);
        return;
      }
      case 'proceeding': {
        this.#proceeding(response);
        return;
      }
      case 'completed':
      case 'terminated':
        return;
    }
  }

  abandon(): void {
    this.#terminate();
  }

  #trying(response: SipResponse): void {
    if (response.status >= 200) {
      this.#complete(response);
      return;
    }
    this.state = 'proceeding';
    const { t2 } = this.#env.timers;
    if (!this.#channel.reliable) this.#timers.repeat('E', t2, t2, () => this.#send());
    this.#user.response(response);
  }

  #proceeding(response: SipResponse): void {
    if (response.status >= 200) {
      this.#complete(response);
      return;
    }
    this.#user.response(response);
  }

  #complete(response: SipResponse): void {
    this.state = 'completed';
    this.#timers.cancelAll();
    if (!this.#channel.reliable) this.#timers.start('K', this.#env.timers.t4, () => this.#terminate());
    this.#user.response(response);
    if (this.#channel.reliable) this.#terminate();
  }

  #fail(reason: 'timeout' | 'transport', error?: Error): void {
    if (this.state !== 'trying' && this.state !== 'proceeding') return;
    this.#terminate(() => this.#user.failed(reason, error));
  }

  #terminate(tell?: () => void): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.#timers.cancelAll();
    tell?.();
    this.#user.terminated();
  }

  #send(): void {
    this.#channel.send(this.#bytes, (error) => this.#fail('transport', error));
  }
}
