/** The control connection to a media server: refused, lost, back again. */
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMediaServer, type MediaServer } from '../../src/embedded/media/server.ts';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { connectMedia, type ConnectedMedia } from '../../src/media/freeswitch/connect.ts';
import type { Media } from '../../src/media/media.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import {
  accepted,
  answered,
  freeswitchLike,
  impostor as startImpostor,
  type Impostor,
} from './support/impostor.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { TcpProxy } from './support/tcp-proxy.ts';

const secret = 'ClueCon';
let told: [event: string, problem: unknown][];
const log = (_level: string, event: string, fields?: Record<string, unknown>) =>
  void told.push([event, fields?.problem]);
let sip: SipServer;
let srf: object;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  told = [];
  const loopback = { host: '127.0.0.1', port: 0 };
  sip = await startSipServer({ listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'], control: loopback, secret });
  closers.push(() => sip.close());
  const linked = await connectSignalling({ ...sip.control, secret, log });
  if (!linked.ok) throw new Error(linked.problem);
  closers.push(() => linked.signalling.close());
  srf = linked.srf;
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function mediaServer(eventSocket = 0, sipPort = 0, its = secret): Promise<MediaServer> {
  const media = await startMediaServer({
    sip: { host: '127.0.0.1', port: sipPort },
    eventSocket: { host: '127.0.0.1', port: eventSocket },
    secret: its,
    trust: sip.listening,
    rtp: { host: '127.0.0.1' },
  });
  closers.push(() => media.close());
  return media;
}

async function connected(ports: readonly number[], given = secret): Promise<ConnectedMedia> {
  const servers = ports.map((port) => ({ host: '127.0.0.1', port, secret: given }));
  const result = await connectMedia({ srf, servers, owner: 'switch', log });
  if (result.ok) closers.push(() => result.media.close());
  return result;
}

async function media(...ports: readonly number[]): Promise<Media> {
  const result = await connected(ports);
  if (!result.ok) throw new Error(result.problem);
  return result.media;
}

async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await TcpProxy.to(port);
  closers.push(() => proxy.close());
  return proxy;
}

async function impostor(behave: (socket: Socket) => void): Promise<Impostor> {
  const server = await startImpostor(behave);
  closers.push(() => server.close());
  return server;
}

const eventually = { timeout: 10_000, interval: 25 };

describe('a control connection that is lost', () => {
  // First: were the promise of a hang-up forgotten, its rejection would come some seconds later.
  it('in the middle of opening an endpoint: that one is released, not lost', async () => {
    const server = await mediaServer();
    const proxy = await proxyTo(server.eventSocket.port);
    const pool = await media(proxy.port);
    const opening = pool.open();
    proxy.cut();
    expect(await opening).toEqual({ ok: false, reason: 'unavailable' });
    await expect.poll(() => server.stats().channels, eventually).toBe(0);
  });

  it.each([['reset'], ['ended'], ['in gibberish']])(
    '%s: endpoints end as media_lost, a new one is made, and only one',
    async (how) => {
      const server = await mediaServer();
      const proxy = await proxyTo(server.eventSocket.port);
      const pool = await media(proxy.port);
      const opened = await pool.open();
      if (!opened.ok) throw new Error(opened.reason);
      const before = proxy.taken;

      if (how === 'reset') proxy.cut();
      else if (how === 'ended') proxy.end();
      else proxy.say('Content-Length: many\n\n'.repeat(3));
      expect(await opened.endpoint.ended).toBe('media_lost');
      expect(pool.ready).toBe(false);
      await expect.poll(() => server.stats().channels, eventually).toBe(0);

      await expect.poll(() => pool.ready, eventually).toBe(true);
      // Whatever else would come back to life has done so by then.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(proxy.open).toBe(1);
      // The knock, and the connection.
      expect(proxy.taken - before).toBe(2);
      const gibberish = told.filter(([event]) => event === 'media_server_gibberish');
      expect(gibberish).toHaveLength(how === 'in gibberish' ? 1 : 0);
      const again = await pool.open();
      expect(again.ok).toBe(true);
      if (again.ok) await again.endpoint.close();
    },
  );

  it('with its server: all works again once that is back', async () => {
    const server = await mediaServer();
    const { eventSocket, sip: sipAt } = server;
    const pool = await media(eventSocket.port);
    const opened = await pool.open();
    if (!opened.ok) throw new Error(opened.reason);
    const playing = opened.endpoint.play('silence_stream://-1');
    await server.close();
    expect(await opened.endpoint.ended).toBe('media_lost');
    expect(await playing.done).toBe('stopped');
    expect(await pool.open()).toEqual({ ok: false, reason: 'unavailable' });

    const back = await mediaServer(eventSocket.port, sipAt.port);
    await expect.poll(() => pool.ready, eventually).toBe(true);
    const again = await pool.open();
    expect(again.ok).toBe(true);
    if (again.ok) await again.endpoint.close();
    await expect.poll(() => back.stats().eventSockets, eventually).toBe(1);
  });

  it('tells why it is not made anew: once, and again where that changes', async () => {
    const server = await mediaServer();
    const { eventSocket, sip: sipAt } = server;
    const pool = await media(eventSocket.port);
    told = [];
    await server.close();
    const why = () =>
      told.filter(([event]) => event === 'media_server_missing').map(([, problem]) => problem);
    await expect.poll(why, eventually).toHaveLength(1);
    const other = await mediaServer(eventSocket.port, sipAt.port, 'another');
    await expect.poll(why, eventually).toHaveLength(2);
    // Some more tries, which fail likewise.
    await expect.poll(() => other.stats().eventSockets, eventually).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(why()).toEqual([
      expect.stringContaining('cannot be reached'),
      expect.stringContaining('refused the secret'),
    ]);
    await other.close();
    await mediaServer(eventSocket.port, sipAt.port);
    await expect.poll(() => pool.ready, eventually).toBe(true);
    expect(told.at(-1)).toEqual(['media_server_up', undefined]);
  });

  it('is not made anew by a switch that stops', async () => {
    const server = await mediaServer();
    const proxy = await proxyTo(server.eventSocket.port);
    const pool = await media(proxy.port);
    proxy.cut();
    await expect.poll(() => pool.ready, eventually).toBe(false);
    await pool.close();
    const { taken } = proxy;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(proxy.taken).toBe(taken);
    expect(proxy.open).toBe(0);
  });
});

it('an endpoint that is over is held by nobody, while the server that it was on is there', async () => {
  const server = await mediaServer();
  const pool = await media(server.eventSocket.port);
  const callAndHangUp = async () => {
    const opened = await pool.open();
    if (!opened.ok) throw new Error(opened.reason);
    await opened.endpoint.close();
    return new WeakRef(opened.endpoint);
  };
  const over = await Promise.all(Array.from({ length: 5 }, callAndHangUp));
  const held = () => {
    collectGarbage();
    return over.filter((endpoint) => endpoint.deref() !== undefined).length;
  };
  await expect.poll(held, { timeout: 20_000, interval: 100 }).toBe(0);
});

describe('a media server that cannot be used is told, and left alone', () => {
  it('where it refuses the secret, within 3 s', async () => {
    const server = await mediaServer();
    const began = Date.now();
    const result = await connected([server.eventSocket.port], 'wrong');
    expect(result).toMatchObject({ ok: false, problem: expect.stringContaining('refused the secret') });
    expect(Date.now() - began).toBeLessThan(3_000);
    await expect.poll(() => server.stats().eventSockets, eventually).toBe(0);
  });

  it.each([
    [
      'another protocol',
      'does not speak as an event socket does',
      (socket: Socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
    ],
    [
      'noise',
      'does not speak as an event socket does',
      (socket: Socket) => void socket.write('\0\n\n\xff\n\n'),
    ],
    ['silence', 'said nothing within 1 s', () => undefined],
    ['a slammed door', 'closed the connection', (socket: Socket) => void socket.end()],
    [
      'an access list that it is not on',
      'refuses this address',
      (socket: Socket) => void socket.end('Content-Type: text/rude-rejection\nContent-Length: 4\n\nNo!\n'),
    ],
    [
      'a FreeSWITCH without the profile',
      'has no drachtio_mrf profile',
      freeswitchLike((command) =>
        command.startsWith('auth')
          ? accepted
          : answered('  external\tprofile\tsip:mod_sofia@127.0.0.1:5080\tRUNNING (0)\n'),
      ),
    ],
    [
      'a FreeSWITCH that stops in the middle',
      'said nothing within 1 s',
      freeswitchLike((command) => (command.startsWith('auth') ? accepted : '')),
    ],
  ])('where there is %s', async (_name, problem, behave) => {
    const server = await impostor(behave);
    const began = Date.now();
    const result = await connected([server.port]);
    expect(result).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
    expect(result).toMatchObject({
      problem: expect.stringContaining(`FreeSWITCH at 127.0.0.1:${server.port}`),
    });
    expect(Date.now() - began).toBeLessThan(3_000);
    // The library would try again every 260 ms.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(server.taken()).toBe(1);
  });

  it('where nobody listens', async () => {
    const server = await mediaServer();
    const { port } = server.eventSocket;
    await server.close();
    expect(await connected([port])).toMatchObject({
      ok: false,
      problem: expect.stringContaining('cannot be reached'),
    });
  });

  it('but one of several may be missing at the start: it is used once it is there', async () => {
    const first = await mediaServer();
    const second = await mediaServer();
    const { eventSocket, sip: sipAt } = second;
    await second.close();
    const pool = await media(first.eventSocket.port, eventSocket.port);
    const back = await mediaServer(eventSocket.port, sipAt.port);
    await expect.poll(() => back.stats().eventSockets, eventually).toBe(1);
    const channels = () => [first.stats().channels, back.stats().channels];
    await expect
      .poll(async () => {
        const opened = await pool.open();
        return opened.ok && channels().every((count) => count > 0);
      }, eventually)
      .toBe(true);
  });
});
