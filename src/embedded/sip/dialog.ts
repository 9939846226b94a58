import { firstCSeq } from './ids.ts';
import { formatAddress, parseAddress, withTag } from './message/address.ts';
import { Headers } from './message/headers.ts';
import { SipRequest, type SipResponse } from './message/message.ts';
import { parseUri } from './message/uri.ts';
import type { IncomingRequest } from './incoming.ts';
import type { Acknowledgement, OutgoingHandlers, SendResult } from './outgoing.ts';
import type { Channel } from './transport/channel.ts';

/** Headers and body of a request or response. A body without `contentType` needs a Content-Type in `headers`. */
export interface Content {
  readonly headers?: Headers;
  readonly body?: Buffer | string;
  readonly contentType?: string;
}

/** Who hears of a dialog; set `dialog.handlers` in the same tick in which the dialog is first seen. */
export interface DialogHandlers {
  /** A request within the dialog, BYE too (the dialog has then ended already). It must be answered. */
  request(incoming: IncomingRequest): void;
  /** The dialog is over, whoever ended it. */
  ended?(): void;
}

/** What a dialog needs of the stack. */
export interface DialogHost {
  send(dialog: Dialog, request: SipRequest, handlers: OutgoingHandlers): SendResult;
  acknowledge(dialog: Dialog, request: SipRequest): Acknowledgement | null;
  ended(dialog: Dialog): void;
}

interface DialogFacts {
  readonly role: 'uac' | 'uas';
  readonly callId: string;
  /** The values of our own and their From or To, with tags. */
  readonly local: string;
  readonly remote: string;
  readonly localSeq: number;
  readonly remoteSeq: number | null;
  readonly routes: readonly string[];
  readonly target: string;
  /** The value of our Contact. */
  readonly contact: string;
  readonly channel: Channel;
}

/** RFC 3261 §12. */
export class Dialog {
  readonly role: 'uac' | 'uas';
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  state: 'early' | 'confirmed' | 'terminated' = 'early';
  handlers: DialogHandlers | null = null;
  /** Our Contact, sent with target refresh requests that name none. */
  contact: string;
  remoteTarget: string;
  routes: readonly string[];
  /** How the far end was last reached, or reached us, when the dialog was made or its target refreshed. */
  channel: Channel;
  /** CSeq of our INVITE that has no final response yet. */
  inviting: number | null = null;
  /** Their INVITE that we have not answered finally, or whose 2xx has not been acknowledged. */
  invited: IncomingRequest | null = null;
  readonly #local: string;
  readonly #remote: string;
  readonly #host: DialogHost;
  #localSeq: number;
  #remoteSeq: number | null;
  #ack: { seq: number; sent: Acknowledgement } | null = null;

  private constructor(facts: DialogFacts, host: DialogHost) {
    this.role = facts.role;
    this.callId = facts.callId;
    this.localTag = tagOf(facts.local);
    this.remoteTag = tagOf(facts.remote);
    this.contact = facts.contact;
    this.remoteTarget = facts.target;
    this.routes = facts.routes;
    this.channel = facts.channel;
    this.#local = facts.local;
    this.#remote = facts.remote;
    this.#localSeq = facts.localSeq;
    this.#remoteSeq = facts.remoteSeq;
    this.#host = host;
  }

  /** RFC 3261 §12.1.1; `localTag` is that of our To. */
  static asServer(
    invite: SipRequest,
    localTag: string,
    contact: string,
    channel: Channel,
    host: DialogHost,
  ): Dialog {
    const facts: DialogFacts = {
      role: 'uas',
      callId: invite.callId,
      local: withTag(invite.headers.get('to') ?? '', localTag),
      remote: normal(invite.headers.get('from') ?? ''),
      localSeq: invite.cseq?.seq ?? firstCSeq(),
      remoteSeq: invite.cseq?.seq ?? null,
      routes: invite.headers.list('record-route'),
      target: invite.contact?.uri ?? invite.from?.uri ?? '',
      contact,
      channel,
    };
    return new Dialog(facts, host);
  }

  /** RFC 3261 §12.1.2. */
  static asClient(invite: SipRequest, response: SipResponse, channel: Channel, host: DialogHost): Dialog {
    const facts: DialogFacts = {
      role: 'uac',
      callId: response.callId,
      local: normal(response.headers.get('from') ?? ''),
      remote: normal(response.headers.get('to') ?? ''),
      localSeq: response.cseq?.seq ?? firstCSeq(),
      remoteSeq: null,
      routes: response.headers.list('record-route').reverse(),
      target: response.contact?.uri ?? invite.uri,
      contact: invite.headers.get('contact') ?? '',
      channel,
    };
    return new Dialog(facts, host);
  }

  get key(): string {
    return dialogKey(this.callId, this.localTag, this.remoteTag);
  }

  /** The final answer settles route set and target (RFC 3261 §13.2.2.4). */
  confirm(answer?: SipResponse): void {
    if (this.state === 'terminated') return;
    this.state = 'confirmed';
    if (!answer) return;
    this.routes = answer.headers.list('record-route').reverse();
    this.refreshTarget(answer);
  }

  refreshTarget(message: SipRequest | SipResponse): void {
    const uri = message.contact?.uri;
    if (uri !== undefined) this.remoteTarget = uri;
  }

  /** False where the CSeq is not above the last one: out of order, RFC 3261 §12.2.2. */
  accepts(request: SipRequest): boolean {
    const seq = request.cseq?.seq ?? 0;
    if (this.#remoteSeq !== null && seq <= this.#remoteSeq) return false;
    this.#remoteSeq = seq;
    return true;
  }

  /** Sends a request within the dialog. A BYE ends the dialog when it is answered, or given up. */
  request(method: string, content: Content, handlers: OutgoingHandlers): SendResult {
    this.#localSeq += 1;
    return this.#host.send(this, this.#build(method, this.#localSeq, content), handlers);
  }

  /** Acknowledges the 2xx to our INVITE of this CSeq; the ACK is repeated by itself whenever the 2xx is. */
  acknowledge(seq: number, content: Content = {}): SipRequest | null {
    const request = this.#build('ACK', seq, content);
    const sent = this.#host.acknowledge(this, request);
    if (!sent) return null;
    this.#ack = { seq, sent };
    return sent.request;
  }

  /** The 2xx came again: so goes the ACK. False where there was none yet. */
  repeatAck(seq: number): boolean {
    if (this.#ack?.seq !== seq) return false;
    this.#ack.sent.repeat();
    return true;
  }

  /** Ends the dialog here, without a word to the far end. */
  end(): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.#host.ended(this);
    this.handlers?.ended?.();
  }

  /** RFC 3261 §12.2.1.1; a first route without `lr` is a strict router and takes the place of the request URI. */
  #build(method: string, seq: number, { headers: extra, body, contentType }: Content): SipRequest {
    const first = parseAddress(this.routes[0] ?? '')?.uri;
    const strict = first !== undefined && parseUri(first)?.params.has('lr') === false;
    const routes = strict ? [...this.routes.slice(1), `<${this.remoteTarget}>`] : this.routes;
    const headers = new Headers();
    for (const route of routes) headers.append('Route', route);
    headers
      .append('Max-Forwards', '70')
      .append('From', this.#local)
      .append('To', this.#remote)
      .append('Call-ID', this.callId)
      .append('CSeq', `${seq} ${method}`);
    if (refreshesTarget(method) && extra?.has('contact') !== true) headers.append('Contact', this.contact);
    for (const { name, value } of extra ?? []) headers.append(name, value);
    return new SipRequest(method, strict ? first : this.remoteTarget, headers).setBody(
      body ?? '',
      contentType,
    );
  }
}

export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}|${localTag}|${remoteTag}`;
}

export function refreshesTarget(method: string): boolean {
  return method === 'INVITE' || method === 'UPDATE' || method === 'SUBSCRIBE' || method === 'REFER';
}

function tagOf(value: string): string {
  return parseAddress(value)?.params.get('tag') ?? '';
}

function normal(value: string): string {
  const address = parseAddress(value);
  return address ? formatAddress(address) : value;
}
