import type { SipRequest, SipResponse } from '../message/message.ts';
import { Timers } from '../timers.ts';
import type { Channel } from '../transport/channel.ts';
import type { ServerTransaction, ServerUser, TransactionEnvironment } from './environment.ts';

/**
 * RFC 3261 §17.2.1, figure 7, with the Accepted state of RFC 6026 §7.1.
 *
 *   proceeding ──2xx──▶ accepted ──L──▶ terminated
 *        └──3xx-6xx──▶ completed ──ACK──▶ confirmed ──I──▶ terminated
 *                          └──H──▶ terminated (no ACK came)
 */
export class InviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest;
  state: 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated' = 'proceeding';
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

  /** In Accepted the INVITE is absorbed: repeating the 2xx is the user's business (RFC 6026 §7.1). */
  repeated(): void {
    if ((this.state === 'proceeding' || this.state === 'completed') && this.#last) this.#send(this.#last);
  }

  respond(response: SipResponse): boolean {
    if (this.state !== 'proceeding') return false;
    this.#last = response.toBuffer();
    if (response.status >= 300) this.#complete();
    else if (response.status >= 200) this.#accept();
    this.#send(this.#last);
    return true;
  }

  /** The ACK of a failure; that of a 2xx belongs to the dialog. */
  acknowledged(): void {
    if (this.state !== 'completed') return;
    this.state = 'confirmed';
    this.#timers.cancelAll();
    if (this.#channel.reliable) this.#terminate();
    else this.#timers.start('I', this.#env.timers.t4, () => this.#terminate());
  }

  /** The user repeats its 2xx until the ACK comes. */
  repeatAnswer(): void {
    if (this.state === 'accepted' && this.#last) this.#send(this.#last);
  }

  abandon(): void {
    this.#terminate();
  }

  #accept(): void {
    this.state = 'accepted';
    this.#timers.start('L', 64 * this.#env.timers.t1, () => this.#terminate());
  }

  #complete(): void {
    this.state = 'completed';
    const { t1, t2 } = this.#env.timers;
    if (!this.#channel.reliable) this.#timers.repeat('G', t1, t2, () => this.repeated());
    this.#timers.start('H', 64 * t1, () => this.#terminate(() => this.#user.failed('timeout')));
  }

  #send(bytes: Buffer): void {
    this.#channel.send(bytes, (error) => {
      // A 2xx may still get through when it is repeated, a lost 1xx harms nobody.
      if (this.state === 'completed') this.#terminate(() => this.#user.failed('transport', error));
    });
  }

  #terminate(tell?: () => void): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.#timers.cancelAll();
    tell?.();
    this.#user.terminated();
  }
}
