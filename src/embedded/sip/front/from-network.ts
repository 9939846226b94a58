import { randomUUID } from 'node:crypto';
import type { SipRequest } from '../message/message.ts';
import { cancelOf } from '../transaction/invite-client.ts';
import {
  Headers,
  type Clock,
  type Dialog,
  type IncomingRequest,
  type StackLog,
  type TimerValues,
} from '../stack.ts';
import type { AppConnection } from './app-connection.ts';
import { networkFrame, newRequestFrame, unsolicitedFrame } from './frame-lines.ts';
import { dialogIdFor, dialogIdOf, type Ledger } from './ledger.ts';
import type { Routes } from './routes.ts';

/** What a drachtio server hands to apps; of the rest it knows nothing. */
const routable = new Set([
  'INVITE',
  'REGISTER',
  'MESSAGE',
  'OPTIONS',
  'INFO',
  'NOTIFY',
  'SUBSCRIBE',
  'PUBLISH',
  'REFER',
]);
const dialogOnly = new Set(['BYE', 'PRACK', 'UPDATE']);
const handedOn = new Set([...routable, 'BYE', 'UPDATE']);
/** What the switch does in a call; of the rest that it is given there it says itself that it is not done. */
const allow = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';

interface Parts {
  readonly ledger: Ledger;
  readonly routes: Routes<AppConnection>;
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly log: StackLog;
}

/** Requests from the network on their way to the apps. */
export class FromNetwork {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Outside any dialog: to the app whose turn it is. */
  request(incoming: IncomingRequest): void {
    const { method } = incoming.request;
    if (dialogOnly.has(method)) return void incoming.respond(481);
    if (!routable.has(method)) {
      this.#parts.log('warn', 'sip.unsupported_method', { method: short(method) });
      return void incoming.respond(405, { headers: new Headers().append('Allow', allow) });
    }
    const app = this.#parts.routes.pick(method);
    if (!app) return void incoming.respond(503);
    const transactionId = this.#ask(app, incoming);
    if (method === 'INVITE') this.#followInvite(app, incoming, transactionId);
    app.send(newRequestFrame(incoming.request, incoming.channel, transactionId));
  }

  /** From now on the app hears what happens within this dialog. */
  follow(dialog: Dialog, app: AppConnection, dialogId: string): void {
    if (dialog.handlers) return;
    dialog.handlers = {
      request: (incoming) => this.#within(incoming, app, dialogId),
      ended: () => {
        if (this.#parts.ledger.held.get(dialogId)?.dialog === dialog)
          this.#parts.ledger.held.delete(dialogId);
      },
    };
  }

  /** The app is gone: callers are not left waiting for it. Dialogs stay, as they do in a drachtio server. */
  appLeft(app: AppConnection): void {
    for (const { incoming, app: owner, transactionId } of [...this.#parts.ledger.asked.values()]) {
      if (owner !== app) continue;
      this.#parts.ledger.settle(transactionId);
      incoming.respond(503);
    }
  }

  #within(incoming: IncomingRequest, app: AppConnection, dialogId: string): void {
    if (!app.connected) return void incoming.respond(481);
    const { method } = incoming.request;
    if (incoming.dialog?.state === 'early') {
      // Nothing of ours was ever provisional and reliable, so a PRACK is for nothing (RFC 3262 3).
      if (method === 'PRACK') return void incoming.respond(481);
      if (!handedOn.has(method))
        return void incoming.respond(405, { headers: new Headers().append('Allow', allow) });
    }
    const transactionId = this.#ask(app, incoming);
    if (method === 'INVITE') this.#followInvite(app, incoming, transactionId);
    app.send(networkFrame(incoming.request, incoming.channel, { transactionId, dialogId }));
  }

  #followInvite(app: AppConnection, incoming: IncomingRequest, transactionId: string): void {
    const { ledger } = this.#parts;
    const { request, channel } = incoming;
    const dialogId = incoming.dialog
      ? dialogIdFor(incoming.dialog)
      : dialogIdOf(request.callId, request.fromTag);
    incoming.handlers = {
      cancelled: (by) => {
        ledger.settle(transactionId);
        const known = incoming.dialog ? dialogId : '';
        app.send(networkFrame(asCancel(by, request), channel, { transactionId, dialogId: known }));
      },
      acknowledged: (ack) => app.send(networkFrame(ack, channel, { transactionId, dialogId })),
      unacknowledged: (bye) => {
        ledger.held.delete(dialogId);
        if (bye) app.send(unsolicitedFrame(bye, channel, dialogId));
      },
    };
  }

  #ask(app: AppConnection, incoming: IncomingRequest): string {
    const transactionId = randomUUID();
    const deadline = this.#deadline(incoming, transactionId);
    this.#parts.ledger.asked.set(transactionId, { incoming, app, transactionId, deadline });
    return transactionId;
  }

  /** An app that says nothing at all: the caller of an INVITE hears 480 and the app a CANCEL, any other sender hears 500. */
  #deadline(incoming: IncomingRequest, transactionId: string): { cancel(): void } {
    const invite = incoming.request.method === 'INVITE';
    const patience = (invite ? 128 : 64) * this.#parts.timers.t1;
    return this.#parts.clock.after(patience, () => {
      if (incoming.dialog?.invited === incoming && incoming.dialog.state === 'early') return;
      this.#parts.log('warn', 'sip.app_silent', {
        method: short(incoming.request.method),
        callId: short(incoming.request.callId),
      });
      this.#parts.ledger.settle(transactionId);
      // The app is told as of a caller that gives up: what it rings must stop.
      if (incoming.respond(invite ? 480 : 500) && invite)
        incoming.handlers.cancelled?.(cancelOf(incoming.request));
    });
  }
}

/** A BYE before the answer reaches the app as what it amounts to; apps know only CANCEL there. */
function asCancel(by: SipRequest, invite: SipRequest): SipRequest {
  return by.method === 'CANCEL' ? by : cancelOf(invite);
}

/** Text of a stranger's, kept to a length that a log can bear. */
function short(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
