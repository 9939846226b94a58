import type { Content, Dialog } from './dialog.ts';
import { newTag } from './ids.ts';
import { withTag } from './message/address.ts';
import { Headers } from './message/headers.ts';
import { SipResponse, type SipRequest } from './message/message.ts';
import { reasonPhrase } from './message/reason-phrases.ts';
import { inWireOrder } from './message/wire-order.ts';
import { Timers, type Clock, type TimerValues } from './timers.ts';
import type { OnOwn, ServerTransaction } from './transaction/environment.ts';
import { InviteServerTransaction } from './transaction/invite-server.ts';
import type { Channel } from './transport/channel.ts';

export interface Answer extends Content {
  readonly reason?: string;
  /** Our tag of the dialog, where the caller wants to choose it; counts for the first response that has one. */
  readonly toTag?: string;
}

/** What may become of an INVITE while and after it is answered. */
export interface IncomingHandlers {
  /** The caller gave up: CANCEL, or BYE before our answer. Both are answered already, and the INVITE with 487. */
  cancelled?(by: SipRequest): void;
  /** The ACK of our 2xx. */
  acknowledged?(ack: SipRequest): void;
  /** No ACK of our 2xx came; the stack has ended the dialog with this BYE (null where it could not be sent). */
  unacknowledged?(bye: SipRequest | null): void;
}

/** What an incoming request needs of the stack. */
export interface IncomingHost {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly onOwn?: OnOwn | undefined;
  /** The dialog that the first response with a tag makes. */
  open(incoming: IncomingRequest, localTag: string, contact: string): Dialog;
  contactFor(channel: Channel): string;
}

/** A request to be answered, once finally. */
export class IncomingRequest {
  readonly request: SipRequest;
  /** Where it came from. */
  readonly channel: Channel;
  /** The dialog it came in, or that the first response to it has made. */
  dialog: Dialog | null;
  handlers: IncomingHandlers = {};
  readonly #transaction: ServerTransaction;
  readonly #host: IncomingHost;
  readonly #answering: Timers;
  #toTag: string | null = null;
  #final = false;

  constructor(transaction: ServerTransaction, channel: Channel, dialog: Dialog | null, host: IncomingHost) {
    this.request = transaction.request;
    this.channel = channel;
    this.dialog = dialog;
    this.#transaction = transaction;
    this.#host = host;
    this.#answering = new Timers(host.clock);
  }

  /** A final response was sent, by the user or by the stack (487). */
  get answered(): boolean {
    return this.#final;
  }

  /** The 2xx is out and not acknowledged yet. */
  get awaitsAck(): boolean {
    return this.#answering.busy;
  }

  /** Sends a response; what was sent, or null where the request has its final response already. */
  respond(status: number, answer: Answer = {}): SipResponse | null {
    if (this.#final) return null;
    const response = this.#compose(status, answer);
    if (!this.#transaction.respond(response)) return null;
    if (status < 200) return response;
    this.#final = true;
    if (this.request.method !== 'INVITE') return response;
    if (status < 300) this.#accepted();
    else {
      if (this.dialog?.invited === this) this.dialog.invited = null;
      if (this.dialog?.state === 'early') this.dialog.end();
    }
    return response;
  }

  /** Called by the stack: the ACK of our 2xx has come. */
  acknowledge(ack: SipRequest): void {
    if (!this.awaitsAck) return;
    this.release();
    this.handlers.acknowledged?.(ack);
  }

  /** Called by the stack: CANCEL, or a BYE before our answer. */
  cancel(by: SipRequest): void {
    const refused = this.respond(487);
    if (!refused) return;
    this.#host.onOwn?.(refused, this.channel);
    this.handlers.cancelled?.(by);
  }

  /** Called by the stack: nothing more is to be sent for this request. */
  release(): void {
    this.#answering.cancelAll();
    if (this.dialog?.invited === this) this.dialog.invited = null;
  }

  #compose(status: number, { headers, body, contentType, reason, toTag }: Answer): SipResponse {
    const response = SipResponse.to(this.request, status, reason ?? reasonPhrase(status));
    if (status > 100) this.#tag(response, toTag);
    if (status > 100 && status < 300 && makesDialog(this.request.method)) {
      for (const route of this.request.headers.list('record-route'))
        response.headers.append('Record-Route', route);
    }
    for (const { name, value } of headers ?? []) response.headers.append(name, value);
    if (status >= 200 && status < 300 && makesDialog(this.request.method)) this.#giveContact(response);
    response.setBody(body ?? '', contentType);
    return new SipResponse(status, response.reason, inWireOrder(response.headers), response.body);
  }

  #tag(response: SipResponse, wanted: string | undefined): void {
    if (this.request.toTag !== undefined) return;
    this.#toTag ??= wanted ?? newTag();
    response.headers.set('To', withTag(this.request.headers.get('to') ?? '', this.#toTag));
    if (this.request.method === 'INVITE' && response.status < 300) {
      this.dialog ??= this.#host.open(
        this,
        this.#toTag,
        response.headers.get('contact') ?? this.#host.contactFor(this.channel),
      );
    }
  }

  #giveContact(response: SipResponse): void {
    const given = response.headers.get('contact');
    if (given === undefined)
      response.headers.append('Contact', this.dialog?.contact ?? this.#host.contactFor(this.channel));
    else if (this.dialog) this.dialog.contact = given;
  }

  /** RFC 3261 §13.3.1.4: the 2xx is repeated until its ACK comes; without one the session is over. */
  #accepted(): void {
    this.dialog?.confirm();
    const { t1, t2 } = this.#host.timers;
    const transaction = this.#transaction;
    if (!this.channel.reliable && transaction instanceof InviteServerTransaction) {
      this.#answering.repeat('2xx', t1, t2, () => transaction.repeatAnswer());
    }
    this.#answering.start('ack', 64 * t1, () => this.#unacknowledged());
  }

  #unacknowledged(): void {
    this.release();
    const headers = new Headers().append('Reason', 'SIP ;cause=200 ;text="ACK timeout"');
    const sent = this.dialog?.request('BYE', { headers }, { response: () => undefined });
    this.handlers.unacknowledged?.(sent?.ok === true ? sent.outgoing.request : null);
  }
}

function makesDialog(method: string): boolean {
  return (
    method === 'INVITE' ||
    method === 'SUBSCRIBE' ||
    method === 'UPDATE' ||
    method === 'NOTIFY' ||
    method === 'REFER'
  );
}
