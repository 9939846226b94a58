import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { SipMessage, SipRequest, SipResponse } from '../../../src/embedded/sip/message/message.ts';
import { parseOutline } from '../../../src/embedded/sip/message/parse.ts';
import { StreamFramer } from '../../../src/embedded/sip/transport/stream-framer.ts';

/** The other end of a SIP conversation, message by message, without a stack that would help. */
export class FarEnd {
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
  /** Everything that has come, retransmissions too. */
  readonly seen: SipMessage[] = [];
  readonly #send: (bytes: Buffer) => void;
  readonly #close: () => void;
  readonly #unread: SipMessage[] = [];
  #wake: (() => void) | null = null;

  private constructor(
    protocol: 'udp' | 'tcp',
    port: number,
    send: (bytes: Buffer) => void,
    close: () => void,
  ) {
    this.protocol = protocol;
    this.port = port;
    this.#send = send;
    this.#close = close;
  }

  static async udp(serverPort: number): Promise<FarEnd> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const send = (bytes: Buffer) => socket.send(bytes, serverPort, '127.0.0.1');
    const end = new FarEnd('udp', socket.address().port, send, () => socket.close());
    socket.on('message', (bytes) => end.#received(bytes));
    return end;
  }

  static async tcp(serverPort: number): Promise<FarEnd> {
    const socket: Socket = connect(serverPort, '127.0.0.1');
    await once(socket, 'connect');
    const end = new FarEnd(
      'tcp',
      socket.localPort!,
      (bytes) => socket.write(bytes),
      () => socket.destroy(),
    );
    const framer = new StreamFramer();
    socket.on('data', (chunk: Buffer) => {
      for (const piece of framer.push(chunk)) if (Buffer.isBuffer(piece)) end.#received(piece);
    });
    return end;
  }

  get place(): string {
    return `127.0.0.1:${this.port}`;
  }

  send(text: string | Buffer): void {
    this.#send(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** The next message that is wanted; those before it are skipped. */
  async next(wanted: (message: SipMessage) => boolean): Promise<SipMessage> {
    for (;;) {
      const message = this.#unread.shift();
      if (!message) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (wanted(message)) return message;
    }
  }

  async request(method: string): Promise<SipRequest> {
    return (await this.next(
      (message) => message.kind === 'request' && message.method === method,
    )) as SipRequest;
  }

  async response(status: number, method?: string): Promise<SipResponse> {
    const wanted = (message: SipMessage) =>
      message.kind === 'response' &&
      message.status === status &&
      (!method || message.cseq?.method === method);
    return (await this.next(wanted)) as SipResponse;
  }

  close(): void {
    this.#close();
  }

  #received(bytes: Buffer): void {
    // A 400 repeats what was wrong with its request, so this end reads more than a stack would.
    const parsed = parseOutline(bytes);
    if (!parsed.ok) throw new Error(`the server sent no SIP: ${parsed.reason}\n${bytes.toString('latin1')}`);
    this.seen.push(parsed.message);
    this.#unread.push(parsed.message);
    this.#wake?.();
  }
}

let count = 0;

/** A call that the far end makes, with the text of its messages. */
export class FarCall {
  readonly callId = `call-${process.pid}-${++count}`;
  readonly fromTag = `far${count}`;
  readonly end: FarEnd;
  readonly uri: string;
  toTag = '';
  seq = 0;
  inviteBranch = '';

  constructor(end: FarEnd, uri: string) {
    this.end = end;
    this.uri = uri;
  }

  invite(body = sdp, extra: readonly string[] = []): string {
    this.inviteBranch = `z9hG4bK-${this.callId}-${++this.seq}`;
    const text = this.text('INVITE', body, extra, this.inviteBranch);
    this.end.send(text);
    return text;
  }

  /** Sends a request with a CSeq and a branch of its own. */
  request(method: string, body = '', extra: readonly string[] = []): void {
    this.seq += 1;
    this.end.send(this.text(method, body, extra, `z9hG4bK-${this.callId}-${this.seq}-${method}`));
  }

  /** The ACK of a 2xx; that of a failure has the branch of the INVITE. */
  ack(of: SipResponse, body = ''): void {
    this.toTag = of.toTag ?? '';
    const branch = of.status < 300 ? `z9hG4bK-${this.callId}-ack-${this.seq}` : this.inviteBranch;
    this.end.send(this.text('ACK', body, [], branch));
  }

  cancel(): void {
    this.end.send(this.text('CANCEL', '', [], this.inviteBranch));
  }

  text(method: string, body: string, extra: readonly string[], branch: string): string {
    const { place, protocol } = this.end;
    const transport = protocol === 'tcp' ? ';transport=tcp' : '';
    return [
      `${method} ${this.uri} SIP/2.0`,
      `Via: SIP/2.0/${protocol.toUpperCase()} ${place};branch=${branch};rport`,
      `From: "Far End" <sip:far@${place}>;tag=${this.fromTag}`,
      `To: <${this.uri}>${this.toTag === '' ? '' : `;tag=${this.toTag}`}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${this.seq} ${method}`,
      `Contact: <sip:far@${place}${transport}>`,
      'Max-Forwards: 70',
      ...extra,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  }
}

/** The text of a response to a request that the far end got. */
export function reply(
  end: FarEnd,
  to: SipRequest,
  status: string,
  body = '',
  extra: readonly string[] = [],
): string {
  const header = (key: string) => to.headers.get(key) ?? '';
  const tagged = to.toTag === undefined ? `${header('to')};tag=far-uas` : header('to');
  return [
    `SIP/2.0 ${status}`,
    ...to.headers.list('via').map((via) => `Via: ${via}`),
    ...to.headers.list('record-route').map((route) => `Record-Route: ${route}`),
    `From: ${header('from')}`,
    `To: ${tagged}`,
    `Call-ID: ${to.callId}`,
    `CSeq: ${header('cseq')}`,
    `Contact: <sip:bob@${end.place}${end.protocol === 'tcp' ? ';transport=tcp' : ''}>`,
    ...extra,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export const sdp = [
  'v=0',
  'o=far 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n');
