import { Headers } from '../message/headers.ts';
import { SipRequest, type SipResponse } from '../message/message.ts';
import { Timers } from '../timers.ts';
import type { Channel } from '../transport/channel.ts';
import type { ClientUser, TransactionEnvironment } from './environment.ts';

/**
 * RFC 3261 §17.1.1, figure 5, with the Accepted state of RFC 6026 §7.2.
 *
 *   calling ──1xx──▶ proceeding ──2xx──▶ accepted ──M──▶ terminated
 *      │                 └────3xx-6xx──▶ completed ──D──▶ terminated
 *      └─ 2xx, 3xx-6xx: the same; B or a transport error in calling ends it at once.
 */
export class InviteClientTransaction {
  readonly request: SipRequest;
  state: 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated' = 'calling';
  readonly #bytes: Buffer;
  readonly #channel: Channel;
  readonly #env: TransactionEnvironment;
  readonly #user: ClientUser;
  readonly #timers: Timers;
  #ack: Buffer | null = null;

  constructor(request: SipRequest, channel: Channel, env: TransactionEnvironment, user: ClientUser) {
    this.request = request;
    this.#bytes = request.toBuffer();
    this.#channel = channel;
    this.#env = env;
    this.#user = user;
    this.#timers = new Timers(env.clock);
  }

  start(): void {
    const { t1 } = this.#env.timers;
    this.#timers.start('B', 64 * t1, () => this.#fail('timeout'));
    if (!this.#channel.reliable) this.#timers.repeat('A', t1, 64 * t1, () => this.#send());
    this.#send();
  }

  receive(response: SipResponse): void {
    switch (this.state) {
      case 'calling': {
        this.#calling(response);
        return;
      }
      case 'proceeding': {
        this.#proceeding(response);
        return;
      }
      case 'accepted': {
        this.#accepted(response);
        return;
      }
      case 'completed': {
        this.#completed(response);
        return;
      }
      case 'terminated':
        return;
    }
  }

  /** A CANCEL was sent: an INVITE that stays without a final response for 64*T1 is over (RFC 3261 §9.1). */
  cancelled(): void {
    this.#timers.start('cancelled', 64 * this.#env.timers.t1, () => this.#fail('timeout'));
  }

  abandon(): void {
    this.#terminate();
  }

  #calling(response: SipResponse): void {
    this.#timers.cancelAll();
    this.state = 'proceeding';
    this.#proceeding(response);
  }

  #proceeding(response: SipResponse): void {
    if (response.status < 200) {
      this.#user.response(response);
      return;
    }
    this.#timers.cancelAll();
    if (response.status < 300) {
      this.#accept(response);
      return;
    }
    this.state = 'completed';
    const ack = ackForFailure(this.request, response);
    this.#ack = ack.toBuffer();
    this.#channel.send(this.#ack);
    this.#env.onOwn?.(ack, this.#channel);
    // Timer D outlives the server's retransmissions: at least 32 s over UDP.
    if (!this.#channel.reliable) this.#timers.start('D', 64 * this.#env.timers.t1, () => this.#terminate());
    this.#user.response(response);
    if (this.#channel.reliable) this.#terminate();
  }

  #accept(response: SipResponse): void {
    this.state = 'accepted';
    this.#timers.start('M', 64 * this.#env.timers.t1, () => this.#terminate());
    this.#user.response(response);
  }

  /** Repeated 2xx and those of other forks belong to the user, who owns the ACK. */
  #accepted(response: SipResponse): void {
    if (response.status >= 200 && response.status < 300) this.#user.response(response);
  }

  #completed(response: SipResponse): void {
    if (response.status >= 300 && this.#ack) this.#channel.send(this.#ack);
  }

  #fail(reason: 'timeout' | 'transport', error?: Error): void {
    if (this.state !== 'calling' && this.state !== 'proceeding') return;
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

/** RFC 3261 §17.1.1.3: the ACK of a failure belongs to the transaction, with its branch and the response's To. */
function ackForFailure(invite: SipRequest, response: SipResponse): SipRequest {
  return sameTransaction('ACK', invite, response.headers.get('to') ?? invite.headers.get('to') ?? '');
}

/** RFC 3261 §9.1: the CANCEL of an INVITE has all of its identity. */
export function cancelOf(invite: SipRequest, extra: Headers = new Headers()): SipRequest {
  const cancel = sameTransaction('CANCEL', invite, invite.headers.get('to') ?? '');
  for (const { name, value } of extra) cancel.headers.append(name, value);
  return cancel.setBody('');
}

function sameTransaction(method: 'ACK' | 'CANCEL', invite: SipRequest, to: string): SipRequest {
  const headers = new Headers()
    .append('Via', invite.headers.get('via') ?? '')
    .append('Max-Forwards', '70')
    .append('From', invite.headers.get('from') ?? '')
    .append('To', to)
    .append('Call-ID', invite.callId)
    .append('CSeq', `${invite.cseq?.seq ?? 0} ${method}`);
  for (const route of invite.headers.list('route')) headers.append('Route', route);
  const request = new SipRequest(method, invite.uri, headers);
  return method === 'ACK' ? request.setBody('') : request;
}
