import { settleable, within } from '../../deadline.ts';
import type { SrfAgent } from './srf.ts';
import { isReceived, sipStart } from './wire-frame.ts';

/** It is a round trip; past this the server has other worries. */
const answerWithin = 3_000;

/**
 * Whether INVITEs come to us. The library asks for them on each new connection and looks at no answer. The server obeys
 * in order: its answer to a ping that was sent behind says that they come, and so does an INVITE.
 */
export class InboundRoute {
  readonly #agent: SrfAgent;
  /** Told of each connection from which on they come, before the library reads what said so. */
  readonly #onStands: () => void;
  #ping: string | undefined;
  #isAsked = false;
  #stands = settleable<true>();
  #standing = false;

  constructor(agent: SrfAgent, onStands: () => void) {
    this.#agent = agent;
    this.#onStands = onStands;
    agent.on('connect', (error: Error | null) => {
      if (!error) this.#look();
    });
    agent.wp.prependListener('close', () => (this.#standing = false));
    agent.wp.prependListener('msg', (_socket, frame) => {
      if (!this.#standing && (this.#isAnswer(frame) || isInvite(frame))) this.#stand();
    });
  }

  get isStanding(): boolean {
    return this.#isAsked && this.#standing;
  }

  /** To be called once the library was told to ask for them; false where it did not come about. */
  asked(): Promise<boolean> {
    this.#isAsked = true;
    this.#standing = false;
    this.#stands = settleable();
    this.#look();
    return within(answerWithin, this.#stands.promise, false);
  }

  #look(): void {
    const [socket] = this.#agent.mapServer.keys();
    this.#ping = socket && this.#agent.wp.send(socket, 'ping');
  }

  #isAnswer(frame: string): boolean {
    return this.#ping !== undefined && frame.startsWith(`|response|${this.#ping}|`, frame.indexOf('|'));
  }

  #stand(): void {
    this.#standing = true;
    this.#ping = undefined;
    this.#onStands();
    this.#stands.settle(true);
  }
}

const isInvite = (frame: string): boolean =>
  isReceived(frame) && frame.startsWith('INVITE ', sipStart(frame));
