/** A caller that times its calls to the microsecond, which sipp does not. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds from an INVITE to its 200; of calls that nobody answered there is none. */
export async function timedCalls(
  to: { readonly port: number; readonly number: string },
  run: { readonly calls: number; readonly everyMs: number },
): Promise<readonly number[]> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const caller = new TimedCaller(socket, to);
  for (let call = 0; call < run.calls; call++) {
    caller.begin();
    await pause(run.everyMs);
  }
  await pause(1_000);
  socket.close();
  return caller.times;
}

class TimedCaller {
  readonly times: number[] = [];
  readonly #socket: Socket;
  readonly #to: { readonly port: number; readonly number: string };
  readonly #begun = new Map<string, number>();

  constructor(socket: Socket, to: { readonly port: number; readonly number: string }) {
    this.#socket = socket;
    this.#to = to;
    socket.on('message', (message) => this.#hear(message.toString(), performance.now()));
  }

  begin(): void {
    const id = `timed-${process.pid}-${Math.random().toString(36).slice(2)}`;
    this.#begun.set(id, performance.now());
    this.#send(this.#request('INVITE', 1, id, this.#uri, `<${this.#uri}>`, offer(this.#port)));
  }

  #hear(message: string, at: number): void {
    const id = /^(?:Call-ID|i): *(\S+)/im.exec(message)?.[1] ?? '';
    const method = /^CSeq: *\d+ +(\w+)/im.exec(message)?.[1];
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(message)?.[1] ?? 0);
    if (method !== 'INVITE' || status < 200) return;
    const to = /^(?:To|t): *(.*)$/im.exec(message)?.[1] ?? '';
    const contact = /^(?:Contact|m): *<?(sip:[^>;\r\n]+)/im.exec(message)?.[1] ?? this.#uri;
    const routes = [...message.matchAll(/^Record-Route: *(.*)$/gim)].map(([, route = '']) => route.trim());
    const began = this.#begun.get(id);
    this.#begun.delete(id);
    if (status < 300 && began !== undefined) this.times.push(at - began);
    const route = routes
      .reverse()
      .map((one) => `Route: ${one}\r\n`)
      .join('');
    this.#send(this.#request('ACK', 1, id, status < 300 ? contact : this.#uri, to, '', route));
    if (status < 300 && began !== undefined) this.#send(this.#request('BYE', 2, id, contact, to, '', route));
  }

  #request(
    method: string,
    cseq: number,
    id: string,
    uri: string,
    to: string,
    body: string,
    route = '',
  ): string {
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.#port};branch=z9hG4bK${id}${cseq}${method === 'ACK' ? 'a' : ''}`,
      `From: <sip:+12145559876@voxlink.example>;tag=t${id}`,
      ...[`To: ${to}`, `Call-ID: ${id}`, `CSeq: ${cseq} ${method}`, 'Max-Forwards: 70'],
      `Contact: <sip:caller@127.0.0.1:${this.#port}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ];
    return `${lines.join('\r\n')}\r\n${route}Content-Length: ${body.length}\r\n\r\n${body}`;
  }

  #send(text: string): void {
    this.#socket.send(text, this.#to.port, '127.0.0.1');
  }

  get #port(): number {
    return this.#socket.address().port;
  }

  get #uri(): string {
    return `sip:${this.#to.number}@127.0.0.1:${this.#to.port}`;
  }
}

const offer = (port: number) =>
  [
    ...['v=0', 'o=caller 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
    ...[
      `m=audio ${(port & ~1) - 2} RTP/AVP 0 101`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      '',
    ],
  ].join('\r\n');
