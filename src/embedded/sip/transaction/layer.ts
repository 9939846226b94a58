import { branchCookie } from '../ids.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { SipResponse as Response } from '../message/message.ts';
import { hostText } from '../message/uri.ts';
import type { Channel } from '../transport/channel.ts';
import type { ClientUser, ServerTransaction, ServerUser, TransactionEnvironment } from './environment.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';

export type ClientTransaction = InviteClientTransaction | NonInviteClientTransaction;

/** Every transaction alive, found as RFC 3261 §17.1.3 and §17.2.3 say. */
export class TransactionLayer {
  readonly #env: TransactionEnvironment;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, InviteServerTransaction | NonInviteServerTransaction>();

  constructor(env: TransactionEnvironment) {
    this.#env = env;
  }

  get counts(): { client: number; server: number } {
    return { client: this.#clients.size, server: this.#servers.size };
  }

  /** The caller starts it, once it is ready to hear of failure. */
  createClient(request: SipRequest, channel: Channel, user: ClientUser): ClientTransaction {
    const key = clientKey(request);
    const watched: ClientUser = {
      response: (response) => user.response(response),
      failed: (reason, error) => user.failed(reason, error),
      terminated: () => {
        this.#clients.delete(key);
        user.terminated();
      },
    };
    const kind = request.method === 'INVITE' ? InviteClientTransaction : NonInviteClientTransaction;
    const transaction = new kind(request, channel, this.#env, watched);
    this.#clients.set(key, transaction);
    return transaction;
  }

  /** False where no transaction waits for this response. */
  receiveResponse(response: SipResponse): boolean {
    const transaction = this.#clients.get(clientKey(response));
    transaction?.receive(response);
    return transaction !== undefined;
  }

  /** The transaction that this request repeats, or for an ACK the INVITE whose failure it acknowledges. */
  findServer(request: SipRequest, method = request.method): ServerTransaction | undefined {
    return this.#servers.get(serverKey(request, method));
  }

  /** The INVITE that this CANCEL is for (RFC 3261 §9.2), or this ACK, where it is for a failure. */
  findInvite(request: SipRequest): InviteServerTransaction | undefined {
    const transaction = this.#servers.get(serverKey(request, 'INVITE'));
    return transaction instanceof InviteServerTransaction ? transaction : undefined;
  }

  createInviteServer(request: SipRequest, channel: Channel, user: ServerUser): InviteServerTransaction {
    const transaction = new InviteServerTransaction(
      request,
      channel,
      this.#env,
      this.#watchServer(request, user),
    );
    this.#servers.set(serverKey(request, 'INVITE'), transaction);
    const trying = Response.to(request, 100).setBody('');
    if (transaction.respond(trying)) this.#env.onOwn?.(trying, channel);
    return transaction;
  }

  createServer(request: SipRequest, channel: Channel, user: ServerUser): NonInviteServerTransaction {
    const transaction = new NonInviteServerTransaction(
      request,
      channel,
      this.#env,
      this.#watchServer(request, user),
    );
    this.#servers.set(serverKey(request, request.method), transaction);
    return transaction;
  }

  close(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.abandon();
  }

  #watchServer(request: SipRequest, user: ServerUser): ServerUser {
    const key = serverKey(request, request.method);
    return {
      failed: (reason, error) => user.failed(reason, error),
      terminated: () => {
        this.#servers.delete(key);
        user.terminated();
      },
    };
  }
}

function clientKey(message: SipRequest | SipResponse): string {
  return `${message.topVia?.params.get('branch') ?? ''}|${message.cseq?.method ?? ''}`;
}

function serverKey(request: SipRequest, method: string): string {
  const via = request.topVia;
  const branch = via?.params.get('branch') ?? '';
  const sentBy = `${hostText(via?.host ?? '')}:${via?.port ?? 5060}`;
  if (branch.startsWith(branchCookie)) return `${branch}|${sentBy}|${method}`;
  // A sender from before RFC 3261: its branch need not be unique, so the rest of the request must tell (§17.2.3).
  return `2543|${request.callId}|${request.cseq?.seq ?? ''}|${request.fromTag ?? ''}|${sentBy}|${branch}|${method}`;
}
