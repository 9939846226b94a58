/** From when INVITEs come to the switch, and how a server that takes its time over that is waited for. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import type { Offer, Signalling } from '../../src/signalling/signalling.ts';

const eventually = { timeout: 10_000, interval: 10 };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/**
 * A drachtio server, as far as a connection and its routes go. While it is slow it answers neither pings nor requests
 * for routes; the answers that it owes come with `goOn`.
 */
class SlowServer {
  isSlow = false;
  readonly asked: string[] = [];
  readonly #sockets = new Set<Socket>();
  #owed: (() => void)[] = [];

  static async start(): Promise<{ server: SlowServer; port: number }> {
    const server = new SlowServer();
    const listening = createServer((socket) => server.#take(socket));
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    closers.push(() => {
      server.cut();
      listening.close();
    });
    return { server, port: (listening.address() as AddressInfo).port };
  }

  goOn(): void {
    this.isSlow = false;
    for (const answer of this.#owed.splice(0)) answer();
  }

  say(frame: string): void {
    for (const socket of this.#sockets) socket.write(`${Buffer.byteLength(frame)}#${frame}`);
  }

  cut(): void {
    this.#owed = [];
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      for (let frame = /^(\d+)#/.exec(said); frame; frame = /^(\d+)#/.exec(said)) {
        const end = frame[0].length + Number(frame[1]);
        if (said.length < end) return;
        this.#obey(socket, said.slice(frame[0].length, end));
        said = said.slice(end);
      }
    });
  }

  #obey(socket: Socket, frame: string): void {
    const [id = '', command = '', argument = ''] = frame.split('|');
    const answer = (...words: readonly string[]) => {
      const text = ['answer', 'response', id, 'OK', ...words].join('|');
      socket.write(`${Buffer.byteLength(text)}#${text}`);
    };
    if (command === 'authenticate') {
      answer('udp/127.0.0.1:5060', 'v0.9.10', 'udp/127.0.0.1:5060');
      return;
    }
    this.asked.push(command === 'route' ? `route ${argument.toUpperCase()}` : command);
    if (this.isSlow) this.#owed.push(answer);
    else answer();
  }
}

const invite = [
  'a|sip|network|200|udp|127.0.0.1|5999|12:00:00.000000|transaction||127.0.0.1|5060',
  'INVITE sip:+18005550101@127.0.0.1:5060 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK1',
  'From: <sip:+12145550123@127.0.0.1>;tag=1',
  'To: <sip:+18005550101@127.0.0.1>',
  'Call-ID: early@127.0.0.1',
  'CSeq: 1 INVITE',
  'Contact: <sip:127.0.0.1:5999>',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

async function linked(port: number): Promise<{ signalling: Signalling; offers: Offer[] }> {
  const connected = await connectSignalling({
    host: '127.0.0.1',
    port,
    secret: 'cymru',
    log: () => undefined,
  });
  if (!connected.ok) throw new Error(connected.problem);
  closers.push(() => connected.signalling.close());
  return { signalling: connected.signalling, offers: [] };
}

it('is ready once the server has answered what was sent behind the route, no earlier', async () => {
  const { server, port } = await SlowServer.start();
  const { signalling, offers } = await linked(port);
  server.isSlow = true;
  const routed = signalling.onInvite((offer) => offers.push(offer));
  await expect.poll(() => server.asked.slice(-2), eventually).toEqual(['route INVITE', 'ping']);
  expect(signalling.ready).toBe(false);
  server.goOn();
  expect(await routed).toBe(true);
  expect(signalling.ready).toBe(true);
});

it('says after 3 s that no INVITEs come, and is ready once they do', async () => {
  const { server, port } = await SlowServer.start();
  const { signalling, offers } = await linked(port);
  server.isSlow = true;
  expect(await signalling.onInvite((offer) => offers.push(offer))).toBe(false);
  expect(signalling.ready).toBe(false);
  server.goOn();
  await expect.poll(() => signalling.ready, eventually).toBe(true);
});

it('a link that was lost counts as lost until INVITEs come by its successor', async () => {
  const { server, port } = await SlowServer.start();
  const { signalling, offers } = await linked(port);
  await signalling.onInvite((offer) => offers.push(offer));
  const { link } = signalling;
  server.isSlow = true;
  server.asked.length = 0;
  server.cut();
  await expect.poll(() => server.asked.slice(-2), eventually).toEqual(['route INVITE', 'ping']);
  expect(signalling).toMatchObject({ ready: false, link });
  expect(link.aborted).toBe(true);
  server.goOn();
  await expect.poll(() => signalling.ready, eventually).toBe(true);
  expect(signalling.link.aborted).toBe(false);
});

it('an INVITE that comes before the answer is a call of the new link', async () => {
  const { server, port } = await SlowServer.start();
  const { signalling, offers } = await linked(port);
  await signalling.onInvite((offer) => offers.push(offer));
  server.isSlow = true;
  server.asked.length = 0;
  server.cut();
  await expect.poll(() => server.asked, eventually).toContain('route INVITE');
  server.say(invite);
  await expect.poll(() => offers.length, eventually).toBe(1);
  expect(signalling.ready).toBe(true);
  expect(offers[0]).toMatchObject({ callId: 'early@127.0.0.1', cancelled: { aborted: false } });
  server.cut();
  await expect.poll(() => offers[0]?.cancelled.reason as unknown, eventually).toBe('link');
});
