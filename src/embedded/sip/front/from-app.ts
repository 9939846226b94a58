import { randomUUID } from 'node:crypto';
import { Headers } from '../message/headers.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { hostText, parseUri } from '../message/uri.ts';
import {
  newRequest,
  type Content,
  type Dialog,
  type IncomingRequest,
  type OutgoingHandlers,
  type OutgoingRequest,
  type SipStack,
} from '../stack.ts';
import type { AppConnection, AppMessage } from './app-connection.ts';
import { contentTypeOf, headersForWire, localised, readAppSip } from './app-sip.ts';
import { networkFrame, sentRequestFrame, sentResponseFrame, unsolicitedFrame } from './frame-lines.ts';
import type { FromNetwork } from './from-network.ts';
import { dialogIdFor, dialogIdOf, type Held, type Ledger, type Sent } from './ledger.ts';

const known =
  'INVITE ACK BYE CANCEL OPTIONS REGISTER INFO PRACK UPDATE MESSAGE SUBSCRIBE NOTIFY REFER PUBLISH';
const methods = new Set(known.split(' '));

/** Why an app's message was not sent; null where it was, and the app has its echo. */
type Refusal = string | null;

/** Requests and responses of the apps on their way to the network. Throws nothing: what cannot be sent is a NOK. */
export class FromApp {
  readonly #stack: SipStack;
  readonly #ledger: Ledger;
  readonly #fromNetwork: FromNetwork;

  constructor(stack: SipStack, ledger: Ledger, fromNetwork: FromNetwork) {
    this.#stack = stack;
    this.#ledger = ledger;
    this.#fromNetwork = fromNetwork;
  }

  /** `id|sip|TXNID|DIALOGID|via` + SIP. */
  sip(app: AppConnection, message: AppMessage): void {
    const refusal = this.#carryOut(app, message);
    if (refusal !== null) app.reply(message.id, 'NOK', refusal);
  }

  #carryOut(app: AppConnection, { id, tokens, sip }: AppMessage): Refusal {
    const [, , transactionId = '', dialogId = '', via = ''] = tokens;
    const read = readAppSip(sip);
    if (!read.ok) return read.reason;
    const { message } = read;
    if (message.kind === 'response') return this.#respond(app, id, transactionId, message);
    if (!methods.has(message.method)) return `invalid request-uri: ${message.startLine}`;
    if (message.method === 'CANCEL') return this.#cancel(app, id, transactionId, message);
    const within = dialogId === '' ? this.#heldByCallId(message) : dialogId;
    if (within === null) return this.#outside(app, id, message, via);
    const refusal = this.#within(app, id, message, within);
    return refusal === null ? null : `Server error: ${refusal}`;
  }

  /** The app is gone: nobody would acknowledge what its INVITEs still bring. */
  appLeft(app: AppConnection): void {
    for (const sent of this.#ledger.sent.values()) {
      if (sent.app !== app) continue;
      sent.cancelled = true;
      sent.outgoing.cancel();
    }
  }

  #respond(app: AppConnection, id: string, transactionId: string, message: SipResponse): Refusal {
    if (transactionId === '') return 'transaction id missing';
    const asked = this.#ledger.asked.get(transactionId);
    if (!asked) return unknownTransaction(message);
    const { incoming } = asked;
    const headers = headersForWire(message, incoming.channel);
    if (message.status < 200 && /100rel/i.test(headers.get('require') ?? ''))
      return 'reliable provisional responses are not supported';
    const answer = {
      ...content(message, headers),
      ...(message.toTag === undefined ? {} : { toTag: message.toTag }),
      ...(message.reason === '' ? {} : { reason: message.reason }),
    };
    const sent = incoming.respond(message.status, answer);
    if (message.status >= 200) this.#ledger.settle(transactionId);
    if (!sent) return unknownTransaction(message);
    const dialogId = this.#followAnswered(app, incoming, message.status);
    app.send(sentResponseFrame(id, sent, incoming.channel, { transactionId, dialogId }));
    return null;
  }

  /** An answered INVITE has a dialog; the app may use it once the INVITE has succeeded. */
  #followAnswered(app: AppConnection, { request, dialog }: IncomingRequest, status: number): string {
    if (request.method !== 'INVITE') return '';
    const dialogId = dialog ? dialogIdFor(dialog) : dialogIdOf(request.callId, request.fromTag);
    if (!dialog) return dialogId;
    this.#fromNetwork.follow(dialog, app, dialogId);
    if (status >= 200 && status < 300) this.#hold(dialog, app, dialogId);
    return dialogId;
  }

  #cancel(app: AppConnection, id: string, transactionId: string, message: SipRequest): Refusal {
    const sent = this.#ledger.sent.get(transactionId);
    const cancel = sent?.outgoing.cancel(cancelHeaders(message, sent));
    if (!sent || !cancel) return `unable to cancel unknown transaction id: ${transactionId}`;
    sent.cancelled = true;
    app.send(sentRequestFrame(id, cancel, sent.outgoing.channel, randomUUID()));
    return null;
  }

  #outside(app: AppConnection, id: string, message: SipRequest, via: string): Refusal {
    if (message.method === 'ACK') return ackIsAutomatic;
    const contentType = contentTypeOf(message);
    if (contentType === null) return 'missing content-type';
    const channel = this.#stack.channelFor(via === '' ? message.uri : via);
    if (!channel) return unroutable(message.uri);
    if (via === '' && this.#isOurs(message.uri)) return 'can not send request to myself';
    const here = `<sip:${hostText(channel.local.host)}:${channel.local.port}>`;
    const callId = message.headers.get('call-id');
    const cseq = message.cseq?.seq;
    const request = newRequest({
      method: message.method,
      uri: message.uri,
      from: localised(message.headers.get('from') ?? here, channel),
      to: localised(message.headers.get('to') ?? message.uri, channel),
      ...(callId === undefined ? {} : { callId }),
      ...(cseq === undefined ? {} : { cseq }),
      ...content(message, headersForWire(message, channel)),
    });
    if (!request.from || !request.to) return 'invalid from or to value provided by client';
    const transactionId = randomUUID();
    const dialogId = message.method === 'INVITE' ? dialogIdOf(request.callId, request.fromTag) : '';
    const handlers: OutgoingHandlers = {
      response: (response, dialog) => this.#answered(transactionId, dialogId, response, dialog),
      // More than a drachtio server tells: that one keeps it to itself.
      trying: (response) => this.#answered(transactionId, dialogId, response, null),
    };
    const sent = this.#stack.send(request, handlers, via === '' ? undefined : via);
    return sent.ok ? this.#echo(app, id, sent.outgoing, transactionId) : sent.reason;
  }

  #within(app: AppConnection, id: string, message: SipRequest, dialogId: string): Refusal {
    const held = this.#ledger.held.get(dialogId);
    if (!held) return message.method === 'ACK' ? ackIsAutomatic : noDialog;
    const contentType = contentTypeOf(message);
    if (contentType === null) return 'missing content-type';
    const sending = content(message, headersForWire(message, held.dialog.channel));
    if (message.method === 'ACK') return this.#acknowledge(app, id, held, sending);
    const transactionId = randomUUID();
    const sent = held.dialog.request(message.method, sending, {
      response: (response, dialog) => this.#answered(transactionId, dialogId, response, dialog),
    });
    return sent.ok ? this.#echo(app, id, sent.outgoing, transactionId) : sent.reason;
  }

  #echo(app: AppConnection, id: string, outgoing: OutgoingRequest, transactionId: string): Refusal {
    this.#ledger.sent.set(transactionId, { outgoing, app, cancelled: false });
    app.send(sentRequestFrame(id, outgoing.request, outgoing.channel, transactionId));
    return null;
  }

  #acknowledge(app: AppConnection, id: string, held: Held, sending: Content): Refusal {
    const ack = held.answeredSeq === null ? null : held.dialog.acknowledge(held.answeredSeq, sending);
    if (!ack) return ackIsAutomatic;
    app.send(sentRequestFrame(id, ack, held.dialog.channel, randomUUID()));
    if (held.unwanted) this.#hangUp(app, held);
    return null;
  }

  /** The answer crossed the CANCEL (RFC 3261 §9.1): the call that nobody wants is ended as soon as it stands. */
  #hangUp(app: AppConnection, { dialog, dialogId }: Held): void {
    const headers = new Headers().append(
      'Reason',
      'SIP ;cause=200 ;text="ACK-BYE due to cancel race condition"',
    );
    this.#ledger.held.delete(dialogId);
    const bye = dialog.request('BYE', { headers }, { response: () => undefined });
    if (!bye.ok) {
      dialog.end();
      return;
    }
    app.send(unsolicitedFrame(bye.outgoing.request, bye.outgoing.channel, dialogId));
  }

  #answered(transactionId: string, dialogId: string, response: SipResponse, dialog: Dialog | null): void {
    const sent = this.#ledger.sent.get(transactionId);
    if (!sent) return;
    if (response.status >= 200) this.#ledger.sent.delete(transactionId);
    sent.app.send(networkFrame(response, sent.outgoing.channel, { transactionId, dialogId }));
    if (response.cseq?.method === 'INVITE' && dialog && dialog.state !== 'terminated')
      this.#followAnswer(sent, dialogId, response, dialog);
  }

  #followAnswer(sent: Sent, dialogId: string, response: SipResponse, dialog: Dialog): void {
    const { app } = sent;
    this.#fromNetwork.follow(dialog, app, dialogId);
    const success = response.status >= 200 && response.status < 300;
    // A reliable provisional response wants its PRACK, which the app sends within the early dialog.
    if (response.status < 200 && !response.headers.has('rseq')) return;
    const held = this.#hold(dialog, app, dialogId);
    held.answeredSeq = success ? (response.cseq?.seq ?? null) : null;
    if (!success) return;
    // A cancelled re-INVITE that succeeds all the same leaves the call as it stands.
    held.unwanted = sent.cancelled && sent.outgoing.request.toTag === undefined;
    if (app.connected) return;
    dialog.acknowledge(held.answeredSeq ?? 0);
    this.#hangUp(app, held);
  }

  #hold(dialog: Dialog, app: AppConnection, dialogId: string): Held {
    const known = this.#ledger.held.get(dialogId);
    if (known?.dialog === dialog) return known;
    const held: Held = { dialogId, dialog, app, answeredSeq: null, unwanted: false };
    this.#ledger.held.set(dialogId, held);
    return held;
  }

  /** A request that names the Call-ID of a dialog belongs to it, even without the dialog's id. */
  #heldByCallId(message: SipRequest): string | null {
    const callId = message.headers.get('call-id');
    if (callId === undefined) return null;
    for (const { dialog, dialogId } of this.#ledger.held.values())
      if (dialog.callId === callId) return dialogId;
    return null;
  }

  #isOurs(text: string): boolean {
    const uri = parseUri(text);
    return this.#stack.listening.some(({ host, port }) => uri?.host === host && (uri.port ?? 5060) === port);
  }
}

const ackIsAutomatic = 'ACK for non-success final response is automatically generated by server';
const noDialog = 'unable to find dialog for dialog id provided';

function unknownTransaction(response: SipResponse): string {
  return response.cseq?.method === 'CANCEL'
    ? '200 OK to incoming CANCEL is automatically generated by the stack'
    : 'Response not sent due to unknown transaction';
}

function unroutable(uri: string): string {
  return parseUri(uri) ? 'requested protocol/transport not available' : `invalid request-uri: ${uri}`;
}

function content(message: SipMessage, headers: Headers): Content {
  const contentType = contentTypeOf(message);
  return { headers, body: message.body, ...(contentType ? { contentType } : {}) };
}

/** Who a CANCEL is from and for is settled by its INVITE. */
function cancelHeaders(message: SipRequest, { outgoing }: Sent): Headers {
  return headersForWire(message, outgoing.channel).remove('contact').remove('p-asserted-identity');
}
