import type { Dialog, IncomingRequest, OutgoingRequest } from '../stack.ts';
import type { AppConnection } from './app-connection.ts';

/** A request from the network that an app has to answer. */
export interface Asked {
  readonly incoming: IncomingRequest;
  readonly app: AppConnection;
  readonly transactionId: string;
  /** Gives up on the app. */
  readonly deadline: { cancel(): void };
}

/** A request of an app that is not answered finally. */
export interface Sent {
  readonly outgoing: OutgoingRequest;
  readonly app: AppConnection;
  cancelled: boolean;
}

/** A dialog that an app may send requests in. */
export interface Held {
  readonly dialogId: string;
  readonly dialog: Dialog;
  readonly app: AppConnection;
  /** CSeq of our last INVITE that was answered with 2xx, which is what an ACK is for. */
  answeredSeq: number | null;
  /** The app had cancelled the INVITE that made this dialog: BYE follows its ACK. */
  unwanted: boolean;
}

/** What the apps have under way, by the ids they know. */
export class Ledger {
  readonly asked = new Map<string, Asked>();
  readonly sent = new Map<string, Sent>();
  readonly held = new Map<string, Held>();

  /** The transaction has its final response. */
  settle(transactionId: string): void {
    this.asked.get(transactionId)?.deadline.cancel();
    this.asked.delete(transactionId);
  }

  clear(): void {
    for (const { deadline } of this.asked.values()) deadline.cancel();
    this.asked.clear();
    this.sent.clear();
    this.held.clear();
  }
}

/** The id that apps know a dialog by: Call-ID and the tag of the From that opened it. */
export function dialogIdOf(callId: string, openerTag: string | undefined): string {
  return `${callId};from-tag=${openerTag ?? ''}`;
}

export function dialogIdFor(dialog: Dialog): string {
  return dialogIdOf(dialog.callId, dialog.role === 'uas' ? dialog.remoteTag : dialog.localTag);
}
