/** Several media servers as one: which of them gets a call, and how one leaves the set and comes back. */
import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settleable } from '../../src/deadline.ts';
import { startMediaServer, type MediaServer } from '../../src/embedded/media/server.ts';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { connectMedia } from '../../src/media/freeswitch/connect.ts';
import type { FreeswitchPool } from '../../src/media/freeswitch/pool.ts';
import type { ServerConfig } from '../../src/media/freeswitch/surroundings.ts';
import { ownerHeader } from '../../src/media/freeswitch/sweep.ts';
import type { Endpoint } from '../../src/media/media.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import type { CreateUacOptions, SrfConnection, SrfDialog } from '../../src/signalling/drachtio/srf.ts';
import { TcpProxy } from './support/tcp-proxy.ts';

const secret = 'ClueCon';
const eventually = { timeout: 10_000, interval: 25 };
let sip: SipServer;
let srf: SrfConnection;
let logged: string[];
const log = (_level: string, event: string) => void logged.push(event);
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  logged = [];
  const loopback = { host: '127.0.0.1', port: 0 };
  sip = await startSipServer({ listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'], control: loopback, secret });
  closers.push(() => sip.close());
  const linked = await connectSignalling({ ...sip.control, secret, log: () => undefined });
  if (!linked.ok) throw new Error(linked.problem);
  closers.push(() => linked.signalling.close());
  srf = linked.srf as SrfConnection;
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0).reverse()) await close();
});

/** A media server, and a road to its event socket. */
async function mediaServer(): Promise<{ server: MediaServer; proxy: TcpProxy; at: ServerConfig }> {
  const loopback = { host: '127.0.0.1', port: 0 };
  const server = await startMediaServer({
    ...{ sip: loopback, eventSocket: loopback, secret, trust: sip.listening },
    rtp: { host: '127.0.0.1' },
  });
  closers.push(() => server.close());
  const proxy = await TcpProxy.to(server.eventSocket.port);
  closers.push(() => proxy.close());
  return { server, proxy, at: { host: '127.0.0.1', port: proxy.port, secret } };
}

async function pool(
  servers: readonly ServerConfig[],
  every = { status: 40, sweep: 60 },
  owner = 'switch',
): Promise<FreeswitchPool> {
  const result = await connectMedia({ srf, servers, owner, log, every });
  if (!result.ok) throw new Error(result.problem);
  closers.push(() => result.media.close());
  // Each has told how many sessions it takes.
  await expect.poll(() => result.media.servers().map(({ free }) => free), eventually).not.toContain(null);
  return result.media;
}

async function opened(media: FreeswitchPool, beside?: Endpoint): Promise<Endpoint> {
  const result = await media.open(undefined, beside);
  if (!result.ok) throw new Error(result.reason);
  return result.endpoint;
}

/** What an operator types at the server's own console. */
async function typed(server: MediaServer, command: string): Promise<void> {
  const socket = connect(server.eventSocket.port, '127.0.0.1');
  socket.write(`auth ${secret}\n\napi ${command}\n\n`);
  let said = '';
  for await (const chunk of socket) if ((said += String(chunk)).includes('+OK\n')) break;
  socket.destroy();
}

/** As a switch of that id would have asked for it. */
async function channelOf(owner: string, { sip: { host, port } }: MediaServer): Promise<SrfDialog> {
  const controller = createServer(() => undefined);
  controller.listen(0, '127.0.0.1');
  await once(controller, 'listening');
  closers.push(() => controller.close());
  const outbound = `127.0.0.1:${(controller.address() as AddressInfo).port}`;
  const headers = {
    'User-Agent': 'drachtio-fsmrf:x',
    'X-esl-outbound': outbound,
    [ownerHeader]: owner,
  };
  const ignored = { cbRequest: () => undefined, cbProvisional: () => undefined };
  const options = { headers, localSdp: offer } satisfies CreateUacOptions;
  return new Promise((resolve, reject) => {
    srf.createUAC(`sip:x@${host}:${port}`, options, ignored, (error, dialog) => {
      if (dialog) resolve(dialog);
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}

const stateOf = (media: FreeswitchPool) => media.servers().map(({ state }) => state);
const channels = (...all: { server: MediaServer }[]) => all.map(({ server }) => server.stats().channels);

describe('endpoints go', () => {
  it('to each by its weight, and count as free sessions', async () => {
    const [one, two] = [await mediaServer(), await mediaServer()];
    const media = await pool([
      { ...one.at, sessions: 100 },
      { ...two.at, sessions: 100, weight: 3 },
    ]);
    expect(media.free).toBe(200);
    const endpoints = [];
    for (let n = 0; n < 8; n++) endpoints.push(await opened(media));
    expect(channels(one, two)).toEqual([2, 6]);
    expect(media.free).toBe(192);
    expect(media.servers().map(({ sessions }) => sessions)).toEqual([2, 6]);
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    expect(media.free).toBe(200);
  });

  it('to nobody who has the sessions that it may have, those of others counted', async () => {
    const [one, two] = [await mediaServer(), await mediaServer()];
    const stranger = await pool([one.at], undefined, 'another');
    await opened(stranger);
    const media = await pool([
      { ...one.at, sessions: 2 },
      { ...two.at, sessions: 1 },
    ]);
    await expect.poll(() => media.free, eventually).toBe(2);
    await opened(media);
    await opened(media);
    expect(stateOf(media)).toEqual(['full', 'full']);
    expect(media).toMatchObject({ ready: false, free: 0 });
    expect(await media.open()).toEqual({ ok: false, reason: 'unavailable' });
    expect(channels(one, two)).toEqual([2, 1]);
  });

  it('to nobody to whom too many are on their way: they would take its cores from those that are to end', async () => {
    const one = await mediaServer();
    const media = await pool([one.at]);
    await expect.poll(() => media.free, eventually).not.toBe(null);
    const opening = Array.from({ length: 32 }, () => media.open());
    expect(stateOf(media)).toEqual(['full']);
    expect(await media.open()).toEqual({ ok: false, reason: 'unavailable' });
    expect((await Promise.all(opening)).every(({ ok }) => ok)).toBe(true);
    await opened(media);
  });

  it('to the next where the best refuses: it was paused a moment ago', async () => {
    const [one, two] = [await mediaServer(), await mediaServer()];
    const media = await pool([one.at, two.at], { status: 60_000, sweep: 60_000 });
    await typed(one.server, 'fsctl pause');
    await opened(media);
    expect(channels(one, two)).toEqual([0, 1]);
    expect(stateOf(media)).toEqual(['full', 'up']);
  });
});

describe('a server leaves the set, and comes back by itself', () => {
  it.each([
    ['fsctl pause', 'fsctl resume'],
    ['fsctl shutdown elegant', 'fsctl shutdown cancel'],
  ])('drained by %s: it keeps what it has', async (drain, back) => {
    const [one, two] = [await mediaServer(), await mediaServer()];
    const media = await pool([one.at, two.at]);
    const kept = await opened(media);
    await typed(one.server, drain);
    await expect.poll(() => stateOf(media), eventually).toEqual(['drained', 'up']);
    await opened(media);
    await opened(media);
    expect(channels(one, two)).toEqual([1, 2]);
    expect(await kept.play('silence_stream://40').done).toBe('played');
    await typed(one.server, back);
    await expect.poll(() => stateOf(media), eventually).toEqual(['up', 'up']);
    await opened(media);
    expect(channels(one, two)).toEqual([2, 2]);
  });

  it('slow, while another is in time; and is used where it is the only one', async () => {
    const [one, two] = [await mediaServer(), await mediaServer()];
    const media = await pool([one.at, two.at]);
    one.proxy.slow(300);
    await expect.poll(() => stateOf(media), eventually).toEqual(['slow', 'up']);
    await opened(media);
    await opened(media);
    expect(channels(one, two)).toEqual([0, 2]);
    await typed(two.server, 'fsctl pause');
    await expect.poll(() => stateOf(media), eventually).toEqual(['slow', 'drained']);
    expect(media.ready).toBe(true);
    one.proxy.slow(0);
    await expect.poll(() => stateOf(media), eventually).toEqual(['up', 'drained']);
    expect(logged).toEqual(expect.arrayContaining(['media_server_slow', 'media_server_in_time']));
  });

  it('dead without a word: its endpoints end as media_lost, and leak nothing', async () => {
    const [one, two] = [await mediaServer(), await mediaServer()];
    // Not left to the choice, which heeds how fast each answers.
    const [onOne, onTwo] = [
      [one.at, { ...two.at, drain: true }],
      [{ ...one.at, drain: true }, two.at],
    ];
    const media = await pool(onOne);
    const endpoint = await opened(media);
    one.proxy.freeze();
    expect(await endpoint.ended).toBe('media_lost');
    expect(stateOf(media)).toEqual(['down', 'drained']);
    media.use(onTwo);
    await opened(media);
    expect(channels(one, two)[1]).toBe(1);
    await endpoint.close();
    await expect.poll(() => channels(one), eventually).toEqual([0]);
    one.proxy.mend();
    media.use(onOne);
    await expect.poll(() => stateOf(media), eventually).toEqual(['up', 'drained']);
    await opened(media);
    expect(channels(one, two)).toEqual([1, 1]);
  });
});

describe('another config', () => {
  it('drains one, adds one, and takes one away once its last call is over', async () => {
    const [one, two, three] = [await mediaServer(), await mediaServer(), await mediaServer()];
    const media = await pool([one.at, two.at]);
    const [onOne, onTwo] = [await opened(media), await opened(media)];
    expect(channels(one, two)).toEqual([1, 1]);
    media.use([{ ...two.at, drain: true }, three.at]);
    await expect.poll(() => stateOf(media), eventually).toEqual(['drained', 'up']);
    // The second end of a bridge goes where the first is, drained by the config or gone from it.
    const besides = [await opened(media, onOne), await opened(media, onTwo)];
    await opened(media);
    expect(channels(one, two, three)).toEqual([2, 2, 1]);
    await Promise.all([onOne, onTwo, ...besides].map((endpoint) => endpoint.close()));
    await expect.poll(() => one.server.stats().eventSockets, eventually).toBe(0);
    expect(two.server.stats().eventSockets).toBeGreaterThan(0);
    media.use([two.at, three.at]);
    expect(stateOf(media)).toEqual(['up', 'up']);
  });

  it('that names the same server otherwise ends no call there: neither by the first look nor by a later one', async () => {
    const one = await mediaServer();
    const media = await pool([one.at]);
    const [live, closed] = [await opened(media), await opened(media)];
    const renamed = { ...one.at, port: one.server.eventSocket.port };
    media.use([renamed]);
    await expect.poll(() => stateOf(media), eventually).toEqual(['up']);
    const after = await opened(media);
    // The looks of both are at work: each would have found the channels of the other.
    const stray = await channelOf('switch', one.server);
    const killed = new Promise((resolve) => void stray.once('destroy', resolve));
    await killed;
    expect(logged.filter((event) => event === 'orphan_channel_killed')).toHaveLength(1);
    expect(channels(one)).toEqual([3]);
    for (const endpoint of [live, after])
      expect(await endpoint.play('silence_stream://40').done).toBe('played');
    const beside = await opened(media, live);
    expect(await live.bridge(beside)).toBe(true);
    await Promise.all([live, beside, closed].map((endpoint) => endpoint.close()));
    expect(channels(one)).toEqual([1]);
  });

  it('that names it otherwise takes no channel for nobody’s that is being opened', async () => {
    const one = await mediaServer();
    const media = await pool([one.at], { status: 40, sweep: 3_600_000 });
    const answered = settleable<undefined>();
    const dial = srf.createUAC.bind(srf) as (...args: unknown[]) => Promise<unknown>;
    const dialLate: unknown = async (...args: unknown[]) => {
      const dialog = await dial(...args);
      await answered.promise;
      return dialog;
    };
    vi.spyOn(srf, 'createUAC').mockImplementation(dialLate as typeof srf.createUAC);
    const opening = opened(media);
    await expect.poll(() => channels(one), eventually).toEqual([1]);
    media.use([{ ...one.at, port: one.server.eventSocket.port }]);
    await expect.poll(() => stateOf(media), eventually).toEqual(['up']);
    // A first look that took it for nobody's would have killed it by then.
    await new Promise((resolve) => setTimeout(resolve, 300));
    answered.settle(undefined);
    const endpoint = await opening;
    expect(await endpoint.play('silence_stream://40').done).toBe('played');
    expect(logged).not.toContain('orphan_channel_killed');
  });
});

describe('a channel of ours that nobody knows', () => {
  it('is killed; one of others is left alone', async () => {
    const one = await mediaServer();
    const media = await pool([one.at]);
    const kept = await opened(media);
    const ends: string[] = [];
    for (const owner of ['switch', 'another'])
      (await channelOf(owner, one.server)).once('destroy', () => ends.push(owner));
    await expect.poll(() => ends, eventually).toEqual(['switch']);
    expect(logged).toContain('orphan_channel_killed');
    expect(await kept.play('silence_stream://200').done).toBe('played');
    expect(channels(one)).toEqual([2]);
  });

  it('is killed at once where a former life left it, on whichever server; one of others is left alone', async () => {
    const [one, two] = [await mediaServer(), await mediaServer()];
    const ends: string[] = [];
    for (const [owner, { server }] of [
      ['switch', one],
      ['another', one],
      ['switch', two],
    ] as const)
      (await channelOf(owner, server)).once('destroy', () => ends.push(owner));
    const media = await pool([one.at, two.at], { status: 60_000, sweep: 3_600_000 });
    const [first, second] = [await opened(media), await opened(media)];
    await expect.poll(() => ends, eventually).toEqual(['switch', 'switch']);
    // That of another, and those of this life.
    const left = channels(one, two).reduce((sum, count) => sum + count, 0);
    expect(left).toBe(3);
    for (const endpoint of [first, second])
      expect(await endpoint.play('silence_stream://40').done).toBe('played');
  });
});

it('no connection of the event socket waits for a delayed acknowledgement: Nagle is off on each', async () => {
  const undelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const write = vi.spyOn(Socket.prototype, 'write');
  const one = await mediaServer();
  // Not over the proxy, whose sockets are none of ours.
  const media = await pool([{ ...one.server.eventSocket, secret }]);
  const [caller, buyer] = [await opened(media), await opened(media)];
  await caller.play('silence_stream://40').done;
  expect(await caller.bridge(buyer)).toBe(true);
  const commanded = new Set(
    write.mock.contexts.filter(
      (socket, call) =>
        socket instanceof Socket &&
        !socket.destroyed &&
        /^(api|sendmsg|event|filter) /.test(String(write.mock.calls[call]?.[0])),
    ),
  );
  const undelayed = new Set(
    undelay.mock.contexts.filter((_, call) => undelay.mock.calls[call]?.[0] !== false),
  );
  // The control connection, and that of each endpoint.
  expect(commanded.size).toBe(3);
  expect([...commanded].filter((socket) => !undelayed.has(socket))).toEqual([]);
});

const offer = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`;
