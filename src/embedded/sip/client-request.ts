import { Dialog, type DialogHost } from './dialog.ts';
import type { DialogStore } from './dialog-store.ts';
import { newBranch } from './ids.ts';
import type { Headers } from './message/headers.ts';
import { SipRequest, SipResponse } from './message/message.ts';
import { reasonPhrase } from './message/reason-phrases.ts';
import { formatVia } from './message/via.ts';
import { inWireOrder } from './message/wire-order.ts';
import type { OutgoingHandlers, OutgoingRequest } from './outgoing.ts';
import { cancelOf, InviteClientTransaction } from './transaction/invite-client.ts';
import type { ClientTransaction, TransactionLayer } from './transaction/layer.ts';
import type { Channel } from './transport/channel.ts';

/** The request as it goes by this channel: with a Via of its own on top, in the order of the wire. */
export function viaChannel(request: SipRequest, channel: Channel): SipRequest {
  request.headers.prepend('Via', formatVia(channel.protocol, channel.local, newBranch()));
  return new SipRequest(request.method, request.uri, inWireOrder(request.headers), request.body);
}

interface ClientEnvironment {
  readonly transactions: TransactionLayer;
  readonly dialogs: DialogStore;
  readonly host: DialogHost;
  /** Acknowledges a 2xx that nobody wants and hangs up. */
  reject(dialog: Dialog, seq: number): void;
}

/** A request of ours with the dialogs that its responses make (RFC 3261 §8.1, §13.2). */
export class ClientRequest implements OutgoingRequest {
  request: SipRequest;
  channel: Channel;
  readonly #env: ClientEnvironment;
  readonly #handlers: OutgoingHandlers;
  readonly #within: Dialog | null;
  readonly #fallback: (() => Channel | null) | null;
  #transaction: ClientTransaction;
  readonly #early: Dialog[] = [];
  #final = false;
  #provisional = false;
  #cancel: SipRequest | null = null;
  #cancelSent = false;

  constructor(
    request: SipRequest,
    channel: Channel,
    fallback: (() => Channel | null) | null,
    within: Dialog | null,
    handlers: OutgoingHandlers,
    env: ClientEnvironment,
  ) {
    this.channel = channel;
    this.#fallback = fallback;
    this.#within = within;
    this.#handlers = handlers;
    this.#env = env;
    this.request = viaChannel(request, channel);
    this.#transaction = this.#open();
  }

  start(): void {
    this.#transaction.start();
  }

  cancel(headers?: Headers): SipRequest | null {
    if (this.request.method !== 'INVITE' || this.#final) return null;
    this.#cancel ??= inOrder(cancelOf(this.request, headers));
    if (this.#provisional) this.#sendCancel();
    return this.#cancel;
  }

  #open(): ClientTransaction {
    return this.#env.transactions.createClient(this.request, this.channel, {
      response: (response) => this.#received(response),
      failed: (reason, error) => this.#failed(reason, error),
      terminated: () => undefined,
    });
  }

  #received(response: SipResponse): void {
    if (response.status < 200) {
      this.#provisionally(response);
      return;
    }
    if (this.#final) {
      this.#again(response);
      return;
    }
    this.#final = true;
    if (this.request.method !== 'INVITE') {
      this.#handlers.response(response, this.#within);
      return;
    }
    if (this.#within) this.#within.inviting = null;
    if (response.status >= 300) {
      this.#endEarly();
      this.#handlers.response(response, this.#within);
      return;
    }
    const dialog = this.#dialogOf(response);
    // A BYE has overtaken the answer to a re-INVITE: nobody will acknowledge it but us.
    if (dialog.state === 'terminated') dialog.acknowledge(response.cseq?.seq ?? 0);
    dialog.confirm(this.#within ? undefined : response);
    if (this.#within) dialog.refreshTarget(response);
    this.#endEarly();
    this.#handlers.response(response, dialog);
  }

  /** The final response ends what forks had begun (RFC 3261 §13.2.2.3); a confirmed dialog stays. */
  #endEarly(): void {
    for (const dialog of this.#early.splice(0)) if (dialog.state === 'early') dialog.end();
  }

  #provisionally(response: SipResponse): void {
    this.#provisional = true;
    this.#sendCancel();
    if (this.#final) return;
    if (response.status === 100) {
      this.#handlers.trying?.(response);
      return;
    }
    const makesDialog = this.request.method === 'INVITE' && response.toTag !== undefined;
    this.#handlers.response(response, makesDialog ? this.#dialogOf(response) : this.#within);
  }

  /** A 2xx after the final response: a repetition wants its ACK again, that of another fork is not wanted. */
  #again(response: SipResponse): void {
    const known = this.#env.dialogs.ofResponse(response);
    const seq = response.cseq?.seq ?? 0;
    if (known?.state === 'confirmed') known.repeatAck(seq);
    else {
      const dialog = this.#dialogOf(response);
      dialog.confirm(response);
      this.#env.reject(dialog, seq);
    }
  }

  #dialogOf(response: SipResponse): Dialog {
    const known = this.#within ?? this.#env.dialogs.ofResponse(response);
    if (known) return known;
    const dialog = Dialog.asClient(this.request, response, this.channel, this.#env.host);
    this.#env.dialogs.add(dialog);
    this.#early.push(dialog);
    return dialog;
  }

  #failed(reason: 'timeout' | 'transport', error?: Error): void {
    const other = reason === 'transport' ? this.#fallback?.() : null;
    if (other && !this.#provisional && other.protocol !== this.channel.protocol) {
      this.request.headers.remove('via');
      this.channel = other;
      this.request = viaChannel(this.request, other);
      this.#transaction = this.#open();
      this.#transaction.start();
      return;
    }
    if (this.#final) return;
    this.#final = true;
    this.#endEarly();
    if (this.request.method === 'INVITE' && this.#within) this.#within.inviting = null;
    const status = reason === 'transport' ? 503 : this.#cancelSent ? 487 : 408;
    const response = SipResponse.to(this.request, status, reasonPhrase(status), 'stack').setBody('');
    if (error) response.headers.append('Warning', `399 stack "${error.message.replace(/["\\\r\n]/g, ' ')}"`);
    this.#handlers.response(response, this.#within);
  }

  #sendCancel(): void {
    if (!this.#cancel || this.#cancelSent || this.#final) return;
    this.#cancelSent = true;
    if (this.#transaction instanceof InviteClientTransaction) this.#transaction.cancelled();
    const silent = { response: () => undefined, failed: () => undefined, terminated: () => undefined };
    this.#env.transactions.createClient(this.#cancel, this.channel, silent).start();
  }
}

function inOrder(request: SipRequest): SipRequest {
  return new SipRequest(request.method, request.uri, inWireOrder(request.headers), request.body);
}
