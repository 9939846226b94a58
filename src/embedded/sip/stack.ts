/**
 * The SIP stack: sockets, transactions (RFC 3261 §17, RFC 6026) and dialogs (§12), for whoever plays a user agent.
 *
 *   const stack = await SipStack.open({
 *     listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
 *     request(incoming) {                              // outside any dialog: INVITE, OPTIONS, REGISTER …
 *       if (incoming.request.method !== 'INVITE') return void incoming.respond(200);
 *       incoming.handlers = { cancelled() {}, acknowledged(ack) { … ack.body … }, unacknowledged(bye) {} };
 *       incoming.respond(200, { body: sdp, contentType: 'application/sdp' });
 *       incoming.dialog.handlers = { request(within) { within.respond(200) } };   // re-INVITE, INFO, BYE …
 *     },
 *   });
 *   stack.send(newRequest({ method: 'INVITE', uri, from }), {
 *     response(response, dialog) { if (response.status === 200) dialog?.acknowledge(response.cseq.seq) },
 *   });
 *   dialog.request('BYE', {}, { response() {} });
 *
 * The stack by itself sends 100 to an INVITE, answers CANCEL (200, and 487 to the INVITE), repeats a 2xx until its ACK
 * and an ACK whenever its 2xx is repeated, sends BYE where no ACK comes, and answers what belongs to no dialog with
 * 481, what is out of order with 500, re-INVITE glare with 491, a malformed request with 400. What a request requires
 * (Require) is its user's to look at.
 * Heads are latin1 text, bodies are bytes. Nothing throws to the process: faults are counted in `stats()` and logged.
 */
import type { Log } from '../log.ts';
import { ClientCore } from './client-core.ts';
import { DialogStore } from './dialog-store.ts';
import { guardedClock, type GuardedClock } from './guarded-clock.ts';
import type { IncomingRequest } from './incoming.ts';
import type { SipRequest } from './message/message.ts';
import type { Parsed } from './message/parse.ts';
import type { OutgoingHandlers, SendResult } from './outgoing.ts';
import { ServerCore } from './server-core.ts';
import { standardTimers, systemClock, type Clock, type TimerValues } from './timers.ts';
import { TransactionLayer } from './transaction/layer.ts';
import type { Channel, HostPort, ListenAddress, Protocol } from './transport/channel.ts';
import type { ConnectionLimits } from './transport/connection-limits.ts';
import { Transports } from './transport/transports.ts';

export type { Answer, IncomingHandlers, IncomingRequest } from './incoming.ts';
export type { Content, Dialog, DialogHandlers } from './dialog.ts';
export type { OutgoingHandlers, OutgoingRequest, SendResult } from './outgoing.ts';
export type { Channel, HostPort, ListenAddress, Protocol } from './transport/channel.ts';
export type { ConnectionLimits } from './transport/connection-limits.ts';
export type { Clock, TimerValues } from './timers.ts';
export { newRequest } from './new-request.ts';
export { Headers } from './message/headers.ts';
export { SipRequest, SipResponse } from './message/message.ts';
export { ListenError } from './transport/transports.ts';

export type StackLog = Log;

interface StackOptions {
  readonly listen: readonly ListenAddress[];
  /** A request outside any dialog; ACK and CANCEL never come here. It must be answered. */
  readonly request: (incoming: IncomingRequest) => void;
  readonly timers?: TimerValues;
  readonly connectionLimits?: ConnectionLimits;
  readonly clock?: Clock;
  readonly log?: StackLog;
}

export interface StackStats {
  readonly clientTransactions: number;
  readonly serverTransactions: number;
  readonly dialogs: number;
  /** TCP connections. */
  readonly connections: number;
  readonly timers: number;
  /** Messages that were no SIP, answered with 400 or dropped. */
  readonly malformed: number;
  /** Well-formed messages that belong to nothing: late responses, stray ACKs. */
  readonly stray: number;
  /** Exceptions caught on the way of a message or in a timer: each is a bug. */
  readonly defects: number;
}

export interface Listening {
  readonly transport: Protocol;
  readonly host: string;
  readonly port: number;
}

export class SipStack {
  readonly #log: StackLog;
  readonly #clock: GuardedClock;
  readonly #transactions: TransactionLayer;
  readonly #dialogs = new DialogStore();
  readonly #transports: Transports;
  readonly #client: ClientCore;
  readonly #server: ServerCore;
  #malformed = 0;
  #stray = 0;
  #defects = 0;
  #closed = false;

  private constructor(options: StackOptions, transports: Transports) {
    this.#log = options.log ?? (() => undefined);
    const timers = options.timers ?? standardTimers;
    this.#clock = guardedClock(options.clock ?? systemClock, (error) => this.#defect(error));
    this.#transports = transports;
    this.#transactions = new TransactionLayer({ clock: this.#clock, timers });
    const parts = {
      transactions: this.#transactions,
      dialogs: this.#dialogs,
      transports,
      clock: this.#clock,
      timers,
    };
    const stray = (what: string) => this.#strayed(what);
    this.#client = new ClientCore({ ...parts, stray });
    this.#server = new ServerCore({ ...parts, stray, dialogHost: this.#client, request: options.request });
  }

  /** Rejects with ListenError where an address cannot be had; nothing is then left open. */
  static async open(options: StackOptions): Promise<SipStack> {
    let stack: SipStack | null = null;
    const message = (parsed: Parsed, channel: Channel) => {
      if (stack) stack.#receive(parsed, channel);
    };
    const guard = (run: () => void) => {
      try {
        run();
      } catch (error) {
        if (stack) stack.#defect(error);
      }
    };
    const isInUse = (remote: HostPort) => stack !== null && stack.#dialogs.useConnection(remote);
    const crowded = (remote: HostPort) => options.log?.('warn', 'sip.too_many_connections', { from: remote });
    const events = { message, isInUse, crowded, guard };
    stack = new SipStack(options, await Transports.open(options.listen, events, options.connectionLimits));
    return stack;
  }

  get listening(): Listening[] {
    return this.#transports.listeners.map(({ protocol, bound }) => ({ transport: protocol, ...bound }));
  }

  /**
   * Sends a request outside any dialog. It must have From with a tag, To, Call-ID, CSeq and Max-Forwards (see
   * `newRequest`); the Via is added, and a Contact to an INVITE without one.
   * `via` is a URI to send it to instead of its Route or request URI.
   */
  send(request: SipRequest, handlers: OutgoingHandlers, via?: string): SendResult {
    return this.#client.sendOutside(request, handlers, via);
  }

  /** The channel that a request to this URI would take; its `local` is how that place reaches us. */
  channelFor(uri: string): Channel | null {
    return this.#client.channelFor(uri);
  }

  stats(): StackStats {
    const { client, server } = this.#transactions.counts;
    return {
      clientTransactions: client,
      serverTransactions: server,
      dialogs: this.#dialogs.size,
      connections: this.#transports.connections,
      timers: this.#clock.running,
      malformed: this.#malformed,
      stray: this.#stray,
      defects: this.#defects,
    };
  }

  /** Releases every timer and socket at once; nobody is told. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#transactions.close();
    this.#dialogs.clear();
    this.#server.close();
    this.#clock.cancelAll();
    await this.#transports.close();
  }

  #receive(parsed: Parsed, channel: Channel): void {
    if (this.#closed) return;
    if (!parsed.ok) {
      this.#malformed += 1;
      this.#log('info', 'sip.malformed', { reason: parsed.reason, from: channel.remote });
      if (parsed.answerable) this.#server.refuse(parsed.answerable, channel, 400, parsed.reason);
    } else if (parsed.message.kind === 'request') this.#server.receive(parsed.message, channel);
    else this.#client.receive(parsed.message);
  }

  #strayed(what: string): void {
    this.#stray += 1;
    this.#log('debug', 'sip.stray', { what });
  }

  #defect(error: unknown): void {
    this.#defects += 1;
    this.#log('error', 'sip.defect', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}
