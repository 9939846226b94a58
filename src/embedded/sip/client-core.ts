import { isIP } from 'node:net';
import { ClientRequest, viaChannel } from './client-request.ts';
import { contactFor } from './contact.ts';
import { Dialog, type DialogHost } from './dialog.ts';
import type { DialogStore } from './dialog-store.ts';
import { SipRequest, type SipResponse } from './message/message.ts';
import { hostText, parseUri } from './message/uri.ts';
import { channelTowards, nextHop, type NextHop } from './next-hop.ts';
import type { Acknowledgement, OutgoingHandlers, SendResult } from './outgoing.ts';
import type { TransactionLayer } from './transaction/layer.ts';
import type { Channel, HostPort } from './transport/channel.ts';
import type { Transports } from './transport/transports.ts';

interface Parts {
  readonly transactions: TransactionLayer;
  readonly dialogs: DialogStore;
  readonly transports: Transports;
  readonly stray: (what: string) => void;
}

/** The UAC side: what we send, and the responses to it. */
export class ClientCore implements DialogHost {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  sendOutside(request: SipRequest, handlers: OutgoingHandlers, via?: string): SendResult {
    const hop = nextHop(request, this.#parts.transports, via);
    if (!hop.ok) return hop;
    if (needsContact(request)) request.headers.append('Contact', contactFor(hop.channel));
    return this.#start(request, hop, null, handlers);
  }

  send(dialog: Dialog, request: SipRequest, handlers: OutgoingHandlers): SendResult {
    if (dialog.state === 'terminated') return { ok: false, reason: 'the dialog has ended' };
    const hop = this.#hopWithin(dialog, request);
    if (!hop.ok) {
      // A far end that cannot be told is left to itself: nobody would end the dialog later.
      if (request.method === 'BYE') dialog.end();
      return hop;
    }
    if (request.method === 'INVITE') dialog.inviting = request.cseq?.seq ?? null;
    return this.#start(
      request,
      hop,
      dialog,
      request.method === 'BYE' ? endingDialog(dialog, handlers) : handlers,
    );
  }

  acknowledge(dialog: Dialog, ack: SipRequest): Acknowledgement | null {
    const hop = this.#hopWithin(dialog, ack);
    if (!hop.ok) return null;
    const { channel } = hop;
    const request = viaChannel(ack, channel);
    const bytes = request.toBuffer();
    const repeat = () => channel.send(bytes);
    repeat();
    return { request, channel, repeat };
  }

  ended(dialog: Dialog): void {
    dialog.invited?.release();
    this.#parts.dialogs.remove(dialog);
  }

  receive(response: SipResponse): void {
    if (this.#parts.transactions.receiveResponse(response)) return;
    if (response.cseq?.method === 'INVITE' && response.status >= 200 && response.status < 300)
      this.#late(response);
    else this.#parts.stray(`response ${response.status}`);
  }

  channelFor(uri: string): Channel | null {
    return channelTowards(uri, this.#parts.transports);
  }

  /** A 2xx whose transaction is forgotten: repeat the ACK where there was one, else take the call and hang up. */
  #late(response: SipResponse): void {
    this.#parts.stray(`late ${response.status} to INVITE`);
    const seq = response.cseq?.seq ?? 0;
    const known = this.#parts.dialogs.ofResponse(response);
    if (known) return void known.repeatAck(seq);
    const target = response.contact?.uri;
    const channel = target === undefined ? null : this.channelFor(target);
    // RFC 3261 §18.1.2: a response whose Via is not ours answers nothing of ours, and must not make us send anything.
    if (target === undefined || !channel || !isVia(response, channel)) return;
    const dialog = Dialog.asClient(new SipRequest('INVITE', target), response, channel, this);
    this.#parts.dialogs.add(dialog);
    dialog.confirm(response);
    this.#reject(dialog, seq);
  }

  #reject(dialog: Dialog, seq: number): void {
    dialog.acknowledge(seq);
    dialog.request('BYE', {}, { response: () => undefined });
  }

  #start(
    request: SipRequest,
    hop: NextHop & { ok: true },
    within: Dialog | null,
    handlers: OutgoingHandlers,
  ): SendResult {
    const { transactions, dialogs } = this.#parts;
    const reject = (dialog: Dialog, seq: number) => this.#reject(dialog, seq);
    const env = { transactions, dialogs, host: this, reject };
    const outgoing = new ClientRequest(request, hop.channel, hop.fallback, within, handlers, env);
    outgoing.start();
    return { ok: true, outgoing };
  }

  /**
   * Where there are no routes: over the TCP connection that the dialog came by, as long as it is there, or by UDP to
   * the address that it came from where its Contact names another. Behind NAT there is no other way.
   */
  #hopWithin(dialog: Dialog, request: SipRequest): NextHop {
    const { channel, routes } = dialog;
    if (routes.length > 0) return nextHop(request, this.#parts.transports);
    if (channel.protocol === 'tcp' && channel.open) return { ok: true, channel, fallback: null };
    const translated = channel.protocol === 'udp' && namesAnother(request.uri, channel.remote.host);
    return nextHop(request, this.#parts.transports, translated ? uriOf(channel.remote) : undefined);
  }
}

function isVia({ topVia }: SipResponse, { local }: Channel): boolean {
  return topVia?.host === local.host && topVia.port === local.port;
}

/** Names cannot be compared to the address that they stand for. */
function namesAnother(uri: string, address: string): boolean {
  const host = parseUri(uri)?.host ?? '';
  return isIP(host) !== 0 && isIP(address) !== 0 && host !== address;
}

function uriOf({ host, port }: HostPort): string {
  return `sip:${hostText(host)}:${port}`;
}

/** A dialog ends with the answer to its BYE, whatever that is, but for a challenge, which the user may meet. */
function endingDialog(dialog: Dialog, handlers: OutgoingHandlers): OutgoingHandlers {
  return {
    response(response) {
      if (response.status >= 200 && response.status !== 401 && response.status !== 407) dialog.end();
      handlers.response(response, dialog);
    },
  };
}

function needsContact(request: SipRequest): boolean {
  return (request.method === 'INVITE' || request.method === 'SUBSCRIBE') && !request.headers.has('contact');
}
