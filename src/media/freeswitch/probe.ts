/**
 * A knock at an event socket before the library connects: a connection of the library's that fails is hidden by it,
 * tries again for ever and comes back to life when nobody wants it any more; a wrong secret it never tells.
 */
import { connect, type Socket } from 'node:net';
import { settleable, within } from '../../deadline.ts';
import { unreachable } from '../../unreachable.ts';
import { MessageReader, type Message } from './event-socket/message-reader.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** FreeSWITCH speaks first, at once. */
const greetingWithin = 1_000;
const answerWithin = 1_000;
/** `sofia status` has a line for each gateway; what is longer is no FreeSWITCH. */
const longestMessage = 1_000_000;
/** As drachtio-fsmrf reads it: without, it throws where nobody can catch it. */
const profile = /^\s*drachtio_mrf\s.*sip:mod_sofia@(?:\d{1,3}\.){3}\d{1,3}:\d+/m;

/** Null where a FreeSWITCH is there, takes the secret and has the profile; else what is wrong, in words. Within 3 s. */
export async function probeEventSocket({ host, port, secret }: ServerAddress): Promise<string | null> {
  const socket = connect({ host, port, noDelay: true });
  const wrong = await converse(new Messages(socket), secret);
  socket.destroy();
  return wrong === null ? null : `FreeSWITCH at ${host}:${port} ${wrong}`;
}

async function converse(messages: Messages, secret: string): Promise<string | null> {
  const greeting = await messages.next(greetingWithin);
  if (typeof greeting === 'string') return greeting;
  if (typeOf(greeting) === 'text/rude-rejection')
    return 'refuses this address: the list in acl.conf.xml that apply-inbound-acl in its event_socket.conf.xml names must allow it';
  if (typeOf(greeting) !== 'auth/request') return notAnEventSocket;
  const admitted = await messages.ask(`auth ${secret}`);
  if (typeof admitted === 'string') return admitted;
  if (admitted.head.get('Reply-Text')?.startsWith('+OK') !== true)
    return 'refused the secret: that of its entry in engine.media.freeswitch must be password in its event_socket.conf.xml (or FREESWITCH_SECRET)';
  const status = await messages.ask('api sofia status');
  if (typeof status === 'string') return status;
  return profile.test(status.body)
    ? null
    : 'has no drachtio_mrf profile that runs: put that of docker/freeswitch/configuration/sofia.conf.xml into its own, and restart it';
}

const typeOf = ({ head }: Message) => head.get('Content-Type');

/** What an event socket says, one message after another. */
class Messages {
  readonly #socket: Socket;
  readonly #reader = new MessageReader(longestMessage);
  readonly #heard: Message[] = [];
  #isConnected = false;
  #end: string | null = null;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.#heard.push(...this.#reader.take(bytes));
      if (this.#reader.isBroken) this.#ended(notAnEventSocket);
      this.#wake();
    });
    socket.on('connect', () => (this.#isConnected = true));
    socket.on('error', (error) => this.#ended(`${unreachable(error)}. Start it; ${place}`));
    socket.on('close', () => this.#ended(`closed the connection: ${place}`));
  }

  ask(command: string): Promise<Message | string> {
    this.#socket.write(`${command}\n\n`);
    return this.next(answerWithin);
  }

  /** The next message, or in words why there is none. */
  async next(ms: number): Promise<Message | string> {
    const deadline = Date.now() + ms;
    for (;;) {
      const message = this.#heard.shift();
      if (message !== undefined) return typeOf(message) === undefined ? notAnEventSocket : message;
      if (this.#end !== null) return this.#end;
      const more = settleable<undefined>();
      this.#wake = () => more.settle(undefined);
      const left = deadline - Date.now();
      if (left <= 0 || (await within(left, more.promise, 'late')) === 'late')
        return this.#reader.isMidway ? notAnEventSocket : this.#silentFor(ms / 1000);
    }
  }

  #silentFor(seconds: number): string {
    return this.#isConnected
      ? `said nothing within ${seconds} s: ${place}; if it is there, it hangs`
      : `cannot be reached within ${seconds} s: ${place}, and a firewall must let it through`;
  }

  #ended(how: string): void {
    this.#end ??= how;
    this.#wake();
  }
}

const place =
  'host and port of its entry in engine.media.freeswitch must be listen-ip and listen-port in its event_socket.conf.xml';
const notAnEventSocket = `does not speak as an event socket does: ${place}`;
