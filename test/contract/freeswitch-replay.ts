import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { Headers, newRequest, SipStack, type Dialog, type Listening } from '../../src/embedded/sip/stack.ts';
import { startMediaServer, type MediaServer } from '../../src/embedded/media/server.ts';
import { RtpPeer } from '../support/rtp-peer.ts';
import { MessageReader, type Message } from './wire/freeswitch-log.ts';

type Kind = 'reply' | 'event';

/**
 * One connection of the replay: what was sent to us over it, and how much of that was compared. FreeSWITCH executes on
 * the channel's next frame, so the replies to later commands may overtake events; within each kind the order holds.
 */
export class Wire {
  readonly compared: Record<Kind, number> = { reply: 0, event: 0 };
  readonly #reader = new MessageReader();
  readonly #messages: Record<Kind, Message[]> = { reply: [], event: [] };
  closed = false;
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      this.#reader.push(data);
      for (const message of this.#reader.messages.splice(0)) this.#messages[kindOf(message)].push(message);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  send(bytes: string): void {
    this.#socket.write(bytes);
  }

  /** The next message of a kind that was not compared yet; undefined when none comes in time, or the connection ends first. */
  async next(kind: Kind, withinMs: number): Promise<Message | undefined> {
    const messages = this.#messages[kind];
    await this.#until(() => this.closed || messages.length > this.compared[kind], withinMs);
    return messages[this.compared[kind]++];
  }

  async ended(withinMs = 3000): Promise<boolean> {
    await this.#until(() => this.closed, withinMs);
    return this.closed;
  }

  end(): void {
    this.#socket.destroy();
  }

  async #until(test: () => boolean, withinMs: number): Promise<void> {
    if (test()) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        if (!test()) return;
        done();
      };
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** The goodbye comes after the last event, so it counts as one. */
export function kindOf({ headers }: Message): Kind {
  return /^(?:text\/(?:event|disconnect)|$)/.test(headers['Content-Type'] ?? '') ? 'event' : 'reply';
}

/** A channel that the replay made: its dialog, its far end, and the connection that the media server opened for it. */
export interface Leg {
  readonly wire: Wire;
  readonly peer: RtpPeer;
  readonly dialog: Dialog;
  readonly byes: number[];
}

type Replayed = Pick<MediaServer, 'sip' | 'eventSocket' | 'close'>;

/** Stands in for drachtio and fsmrf, with sockets alone: nothing of theirs runs here. */
export class Replay<M extends Replayed = MediaServer> {
  readonly media: M;
  readonly #stack: SipStack;
  readonly #controller: Server;
  readonly #calls: ((socket: Socket) => void)[] = [];
  readonly #open: { close(): unknown }[] = [];

  private constructor(media: M, stack: SipStack, controller: Server) {
    this.media = media;
    this.#stack = stack;
    this.#controller = controller;
    controller.on('connection', (socket) => this.#calls.shift()?.(socket));
  }

  static async open(): Promise<Replay> {
    const loopback = { host: '127.0.0.1', port: 0 };
    return await Replay.around((trust) =>
      startMediaServer({
        sip: loopback,
        eventSocket: loopback,
        secret: 'ClueCon',
        trust,
        rtp: { host: '127.0.0.1' },
      }),
    );
  }

  /** `start` is told where the calls of the replay come from. */
  static async around<M extends Replayed>(
    start: (trust: readonly Listening[]) => Promise<M>,
  ): Promise<Replay<M>> {
    const stack = await SipStack.open({
      listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
      request: (one) => void one.respond(405),
    });
    const controller = createServer().listen(0, '127.0.0.1');
    await once(controller, 'listening');
    return new Replay(await start(stack.listening), stack, controller);
  }

  get controllerPort(): number {
    return (this.#controller.address() as AddressInfo).port;
  }

  inbound(): Wire {
    const socket = connect(this.media.eventSocket.port, this.media.eventSocket.host);
    this.#open.push({ close: () => socket.destroy() });
    return new Wire(socket);
  }

  /** An INVITE as fsmrf places it; without an offer, the ACK gives the media server its own description back, as srf's does. */
  async leg(id: string, { withOffer = true, withDigits = true } = {}): Promise<Leg> {
    const peer = await RtpPeer.open(withDigits ? {} : { dtmfPayloadType: false });
    this.#open.push(peer);
    const called = new Promise<Socket>((resolve) => this.#calls.push(resolve));
    const byes: number[] = [];
    const dialog = await this.#invite(id, withOffer ? peer.sdp() : undefined, peer);
    dialog.handlers = {
      request: (incoming) => {
        if (incoming.request.method === 'BYE') byes.push(Date.now());
        incoming.respond(200);
      },
    };
    return { wire: new Wire(await called), peer, dialog, byes };
  }

  /** A re-INVITE that connects the leg to its peer. */
  async modify({ dialog, peer }: Leg): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const content = { body: peer.sdp(), contentType: 'application/sdp' };
      dialog.request('INVITE', content, {
        response: (response) => {
          if (response.status < 200) return;
          dialog.acknowledge(response.cseq!.seq);
          peer.follow(response.body.toString());
          if (response.status === 200) resolve();
          else reject(new Error(`re-INVITE: ${response.status}`));
        },
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((one) => one.close()));
    await this.media.close();
    await this.#stack.close();
    this.#controller.close();
  }

  #invite(id: string, offer: string | undefined, peer: RtpPeer): Promise<Dialog> {
    const { host, port } = this.media.sip;
    const request = newRequest({
      method: 'INVITE',
      uri: `sip:drachtio@${host}:${port}`,
      from: `sip:127.0.0.1:${this.#stack.listening[0]!.port}`,
      headers: new Headers()
        .append('User-Agent', `drachtio-fsmrf:${id}`)
        .append('X-esl-outbound', `127.0.0.1:${this.controllerPort}`),
      ...(offer === undefined ? {} : { body: offer, contentType: 'application/sdp' }),
    });
    return new Promise((resolve, reject) => {
      this.#stack.send(request, {
        response: (response, dialog) => {
          if (response.status < 200) return;
          if (dialog === null) {
            reject(new Error(`INVITE: ${response.status}`));
            return;
          }
          const body = response.body.toString();
          const echo = { body: body.replace('a=sendrecv', 'a=recvonly'), contentType: 'application/sdp' };
          peer.follow(body);
          dialog.acknowledge(response.cseq!.seq, offer === undefined ? echo : {});
          resolve(dialog);
        },
      });
    });
  }
}
