/**
 * What a lost link leaves on the SIP server: its calls go on there without us. Their records say that they ended, so
 * once there is a link again they are ended there, too; a server that was lost with its link knows none of them, and
 * says so, which nobody hears.
 */
import type { Socket } from 'node:net';
import type { SrfAgent, SrfConnection, SrfRequest } from './srf.ts';

/** Ends a call that the server has and the library, which could not read its far end, has not. */
export function endUnheld(agent: SrfAgent | undefined, dialog: string): void {
  const [socket] = agent?.mapServer.keys() ?? [];
  if (socket) agent?.wp.send(socket, `sip||${dialog}\r\n${bye}`);
}

export class Farewell {
  readonly #srf: SrfConnection;
  readonly #agent: SrfAgent;
  /** What is to be said, each under the id by which the server knows what it is about. */
  readonly #owed = new Map<string, string>();
  readonly #answering: () => Iterable<string>;

  /** `answering`: dialogs that the server may have though the library does not, as nothing came back of the answer. */
  constructor(srf: SrfConnection, agent: SrfAgent, answering: () => Iterable<string>) {
    this.#srf = srf;
    this.#agent = agent;
    this.#answering = answering;
    // Before the library forgets what this connection had under way.
    agent.wp.prependListener('close', (socket) => this.#remember(socket));
  }

  /** To be called once there is a link. */
  say(): void {
    const [socket] = this.#agent.mapServer.keys();
    if (!socket) return;
    for (const [about, text] of this.#owed) this.#agent.wp.send(socket, `sip|${about}\r\n${text}`);
    this.#owed.clear();
  }

  #remember(socket: Socket): void {
    for (const dialog of [...this.#srf._dialogs.keys(), ...this.#answering()])
      this.#owed.set(`|${dialog}`, bye);
    const underWay = this.#agent.mapServer.get(socket);
    if (!underWay) return;
    for (const [transaction, { req }] of underWay.pendingSipRequests)
      if (req.method === 'INVITE') this.#owed.set(`${transaction}|`, message(`CANCEL ${req.uri} SIP/2.0`));
    for (const { req } of underWay.pendingNetworkInvites.values())
      this.#owed.set(`${req.stackTxnId}|`, message('SIP/2.0 503 Service Unavailable', ...identityOf(req)));
  }
}

const message = (...lines: readonly string[]): string => [...lines, 'Content-Length: 0', '', ''].join('\r\n');

const bye = message('BYE sip:placeholder SIP/2.0');

/** As the library repeats them in a response. */
const identityOf = (req: SrfRequest): string[] =>
  ['Call-ID', 'CSeq', 'From', 'To'].map((name) => `${name}: ${req.get(name) ?? ''}`);
