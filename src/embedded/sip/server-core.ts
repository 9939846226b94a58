import { contactFor } from './contact.ts';
import { Dialog, refreshesTarget, type DialogHost } from './dialog.ts';
import type { DialogStore } from './dialog-store.ts';
import { IncomingRequest, type IncomingHost } from './incoming.ts';
import { newTag } from './ids.ts';
import { withTag } from './message/address.ts';
import { Headers } from './message/headers.ts';
import { SipResponse, type SipRequest } from './message/message.ts';
import { splitList } from './message/lists.ts';
import { withSource } from './message/via.ts';
import type { Clock, TimerValues } from './timers.ts';
import type { ServerTransaction } from './transaction/environment.ts';
import type { TransactionLayer } from './transaction/layer.ts';
import type { Channel } from './transport/channel.ts';
import { ReplyChannel } from './transport/reply-channel.ts';
import type { Transports } from './transport/transports.ts';

interface Parts {
  readonly transactions: TransactionLayer;
  readonly dialogs: DialogStore;
  readonly transports: Transports;
  readonly dialogHost: DialogHost;
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly request: (incoming: IncomingRequest) => void;
  readonly stray: (what: string) => void;
}

/** The UAS side: requests that we are sent (RFC 3261 §8.2, §9.2, §12.2.2, §14.2, §15.1.2). */
export class ServerCore implements IncomingHost {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly #parts: Parts;
  /** INVITEs without a final response or without its ACK, by their transaction. */
  readonly #invites = new Map<ServerTransaction, IncomingRequest>();
  /** INVITEs in progress by From tag, Call-ID and CSeq, to tell one that came twice, by different ways (§8.2.2.2). */
  readonly #merges = new Set<string>();

  constructor(parts: Parts) {
    this.clock = parts.clock;
    this.timers = parts.timers;
    this.#parts = parts;
  }

  receive(request: SipRequest, from: Channel): void {
    noteSource(request, from);
    const channel = from.reliable ? new ReplyChannel(request, from, this.#parts.transports) : from;
    if (request.method === 'ACK') {
      this.#ack(request);
      return;
    }
    const repeated = this.#parts.transactions.findServer(request);
    if (repeated) {
      repeated.repeated();
      return;
    }
    if (request.method === 'CANCEL') {
      this.#cancel(request, channel);
      return;
    }
    if (request.toTag === undefined) {
      this.#outside(request, channel);
      return;
    }
    const dialog = this.#parts.dialogs.ofRequest(request);
    if (dialog) this.#within(dialog, request, channel);
    else this.#answer(request, channel, 481);
  }

  /** Answers a malformed request without a transaction: there is nothing to match its retransmissions by. */
  refuse(request: SipRequest, channel: Channel, status: number, reason: string): void {
    noteSource(request, channel);
    const response = SipResponse.to(request, status, reason);
    const to = request.headers.get('to');
    if (to !== undefined && request.toTag === undefined) response.headers.set('To', withTag(to, newTag()));
    channel.send(response.setBody('').toBuffer());
  }

  open(incoming: IncomingRequest, localTag: string, contact: string): Dialog {
    const dialog = Dialog.asServer(
      incoming.request,
      localTag,
      contact,
      incoming.channel,
      this.#parts.dialogHost,
    );
    dialog.invited = incoming;
    this.#parts.dialogs.add(dialog);
    return dialog;
  }

  contactFor(channel: Channel): string {
    return contactFor(channel);
  }

  close(): void {
    for (const incoming of this.#invites.values()) incoming.release();
    this.#invites.clear();
    this.#merges.clear();
  }

  #outside(request: SipRequest, channel: Channel): void {
    // Only an INVITE is a call twice when it comes twice; there are devices whose OPTIONS all look alike.
    const merge = request.method === 'INVITE' ? mergeKey(request) : null;
    if (merge !== null && this.#merges.has(merge)) {
      this.#answer(request, channel, 482);
      return;
    }
    if (merge !== null) this.#merges.add(merge);
    const incoming = this.#incoming(request, channel, null, () => {
      if (merge !== null) this.#merges.delete(merge);
    });
    if (request.method === 'INVITE' && !request.contact)
      return void incoming.respond(400, { reason: 'Missing Contact' });
    this.#parts.request(incoming);
  }

  #within(dialog: Dialog, request: SipRequest, channel: Channel): void {
    if (!dialog.accepts(request)) {
      this.#answer(request, channel, 500);
      return;
    }
    if (request.method === 'BYE') {
      this.#bye(dialog, request, channel);
      return;
    }
    if (request.method === 'INVITE') {
      if (dialog.inviting !== null) {
        this.#answer(request, channel, 491);
        return;
      }
      if (dialog.invited && !dialog.invited.answered) {
        this.#answer(request, channel, 500, retryLater());
        return;
      }
    }
    if (refreshesTarget(request.method)) {
      dialog.refreshTarget(request);
      dialog.channel = channel;
    }
    const incoming = this.#incoming(request, channel, dialog);
    if (request.method === 'INVITE') {
      dialog.invited?.release();
      dialog.invited = incoming;
    }
    if (dialog.handlers) dialog.handlers.request(incoming);
    else incoming.respond(481);
  }

  #bye(dialog: Dialog, request: SipRequest, channel: Channel): void {
    const { invited } = dialog;
    const incoming = this.#incoming(request, channel, dialog);
    if (dialog.state === 'early' && dialog.role === 'uas') {
      incoming.respond(200);
      invited?.cancel(request);
      dialog.end();
      return;
    }
    if (invited && !invited.answered) invited.cancel(request);
    dialog.end();
    if (dialog.handlers) dialog.handlers.request(incoming);
    else incoming.respond(200);
  }

  #cancel(request: SipRequest, channel: Channel): void {
    const invite = this.#parts.transactions.findInvite(request);
    if (!invite) {
      this.#answer(request, channel, 481);
      return;
    }
    const incoming = this.#invites.get(invite);
    this.#answer(request, channel, 200);
    incoming?.cancel(request);
  }

  #ack(request: SipRequest): void {
    const failed = this.#parts.transactions.findInvite(request);
    if (failed && failed.state !== 'accepted') {
      failed.acknowledged();
      return;
    }
    const invited = this.#parts.dialogs.ofRequest(request)?.invited;
    if (invited && invited.request.cseq?.seq === request.cseq?.seq) invited.acknowledge(request);
    else this.#parts.stray('ACK');
  }

  #answer(request: SipRequest, channel: Channel, status: number, headers?: Headers): void {
    const incoming = this.#incoming(request, channel, null);
    incoming.respond(status, headers ? { headers } : {});
  }

  #incoming(
    request: SipRequest,
    channel: Channel,
    dialog: Dialog | null,
    ended?: () => void,
  ): IncomingRequest {
    const { transactions } = this.#parts;
    const create = request.method === 'INVITE' ? 'createInviteServer' : 'createServer';
    const transaction: ServerTransaction = transactions[create](request, channel, {
      failed: () => undefined,
      terminated: () => {
        this.#invites.delete(transaction);
        ended?.();
      },
    });
    const incoming = new IncomingRequest(transaction, channel, dialog, this);
    if (request.method === 'INVITE') this.#invites.set(transaction, incoming);
    return incoming;
  }
}

function noteSource(request: SipRequest, { remote }: Channel): void {
  const via = request.topVia;
  const text = request.headers.get('via');
  if (!via || text === undefined) return;
  const [top = '', ...others] = splitList(text);
  request.headers.set('Via', [withSource(via, top, remote.host, remote.port), ...others].join(', '));
}

function mergeKey(request: SipRequest): string {
  return `${request.fromTag ?? ''}|${request.callId}|${request.cseq?.seq ?? ''}`;
}

function retryLater(): Headers {
  return new Headers().append('Retry-After', String(Math.floor(Math.random() * 10)));
}
