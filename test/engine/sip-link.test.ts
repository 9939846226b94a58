/** The link to the SIP server: refused, cut, dead without a word, back again. */
import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import { guardWire } from '../../src/signalling/drachtio/guard-wire.ts';
import type { SrfWire } from '../../src/signalling/drachtio/srf.ts';
import type { Leg, Offer, Signalling } from '../../src/signalling/signalling.ts';
import { impostor as startImpostor, type Impostor } from './support/impostor.ts';
import { FarCall, FarEnd, reply, sdp } from './support/sip-far-end.ts';
import { TcpProxy } from './support/tcp-proxy.ts';

const secret = 'cymru';
const eventually = { timeout: 10_000, interval: 20 };
let sip: SipServer;
let proxy: TcpProxy;
let told: string[];
/** What was wrong with the link, in words. */
let errors: unknown[];
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  const control = { host: '127.0.0.1', port: 0 };
  sip = await startSipServer({ listen: ['udp:127.0.0.1:0'], control, secret });
  closers.push(() => sip.close());
  proxy = await TcpProxy.to(sip.control.port);
  closers.push(() => proxy.close());
  told = [];
  errors = [];
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const connectTo = (port: number, given = secret) =>
  connectSignalling({
    host: '127.0.0.1',
    port,
    secret: given,
    log: (_level, event, fields) => {
      told.push(event);
      if (event === 'signalling_link_error') errors.push(fields?.error);
    },
  });

/** Connected, with a queue of the INVITEs that come. */
async function signalling(): Promise<{ signalling: Signalling; offered: () => Promise<Offer> }> {
  const connected = await connectTo(proxy.port);
  if (!connected.ok) throw new Error(connected.problem);
  closers.push(() => connected.signalling.close());
  const offers: Offer[] = [];
  await connected.signalling.onInvite((offer) => offers.push(offer));
  const offered = async () => {
    await expect.poll(() => offers.length, eventually).toBeGreaterThan(0);
    return offers.shift()!;
  };
  return { signalling: connected.signalling, offered };
}

async function farEnd(): Promise<FarEnd> {
  const end = await FarEnd.udp(sip.listening[0]!.port);
  closers.push(() => end.close());
  return end;
}

async function callIn(): Promise<FarCall> {
  const call = new FarCall(await farEnd(), `sip:service@127.0.0.1:${sip.listening[0]!.port}`);
  call.invite();
  return call;
}

async function answered(call: FarCall, offer: Offer): Promise<Leg> {
  const answer = offer.answer(sdp);
  call.ack(await call.end.response(200, 'INVITE'));
  const result = await answer;
  if (!result.ok) throw new Error(result.reason);
  return result.leg;
}

/** There is a link again, and INVITEs come by it. */
async function back(port: Signalling): Promise<void> {
  await expect.poll(() => port.ready, eventually).toBe(true);
  expect(port.link.aborted).toBe(false);
}

const trunkOf = (end: FarEnd) => ({ trunk: `sip:${end.place}`, number: '100', from: '+12145550123', sdp });

describe('a link that is cut', () => {
  it('ends a leg as `link`, and is made anew: the next call comes and goes', async () => {
    const { signalling: port, offered } = await signalling();
    const leg = await answered(await callIn(), await offered());
    const { link } = port;
    proxy.cut();
    expect(await leg.ended).toEqual({ by: 'link' });
    expect(link.aborted).toBe(true);
    // Nothing hangs, and nothing is thrown, while there is no link.
    await leg.hangup();
    expect(await leg.alive()).toBe('gone');
    expect(await leg.offer(sdp)).toEqual({ ok: false, status: 481 });
    expect(await port.probe('sip:127.0.0.1:9')).toBe('down');
    const dialled = port.dial({ trunk: 'sip:127.0.0.1:9', number: '1', from: null, sdp });
    expect(await dialled.outcome).toEqual({ kind: 'failed', reason: 'link' });

    await back(port);
    expect(port.link).not.toBe(link);
    const next = await answered(await callIn(), await offered());
    void next.hangup();
    expect(await next.ended).toEqual({ by: 'us' });
    expect(told).toEqual(expect.arrayContaining(['signalling_link_lost', 'signalling_link_up']));
  });

  it('fails an attempt that rings as `link`', async () => {
    const { signalling: port } = await signalling();
    const buyer = await farEnd();
    const dialling = port.dial(trunkOf(buyer));
    const ringing = new Promise<void>((resolve) => dialling.onProgress(() => resolve()));
    buyer.send(reply(buyer, await buyer.request('INVITE'), '180 Ringing'));
    await ringing;
    proxy.cut();
    expect(await dialling.outcome).toEqual({ kind: 'failed', reason: 'link' });
  });

  it('ends a leg that we called', async () => {
    const { signalling: port } = await signalling();
    const buyer = await farEnd();
    const dialling = port.dial(trunkOf(buyer));
    buyer.send(reply(buyer, await buyer.request('INVITE'), '200 OK', sdp));
    const outcome = await dialling.outcome;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    proxy.cut();
    expect(await outcome.leg.ended).toEqual({ by: 'link' });
  });

  it('aborts an offer with the reason `link`, a CANCEL one with `caller`', async () => {
    const { offered } = await signalling();
    const call = await callIn();
    const cancelled = await offered();
    call.cancel();
    await call.end.response(487, 'INVITE');
    await expect.poll(() => cancelled.cancelled.aborted, eventually).toBe(true);
    expect(cancelled.cancelled.reason).toBe('caller');
    expect(await cancelled.answer(sdp)).toEqual({ ok: false, reason: 'cancelled' });

    await callIn();
    const lost = await offered();
    const gone = once(lost.cancelled, 'abort');
    proxy.cut();
    await gone;
    expect(lost.cancelled.reason).toBe('link');
    expect(await lost.answer(sdp)).toEqual({ ok: false, reason: 'failed' });
  });

  it('fails an answer that is on its way', async () => {
    const { offered } = await signalling();
    await callIn();
    const offer = await offered();
    proxy.freeze();
    const answer = offer.answer(sdp);
    proxy.cut();
    expect(await answer).toEqual({ ok: false, reason: 'failed' });
  });
});

describe('a link that is dead without a word', () => {
  it('is noticed within 5 s, and made anew once there is a road again', async () => {
    const { signalling: port, offered } = await signalling();
    const leg = await answered(await callIn(), await offered());
    proxy.freeze();
    const began = performance.now();
    expect(await leg.ended).toEqual({ by: 'link' });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(told).toContain('signalling_link_silent');

    // Attempts that connect and hear nothing are given up in turn.
    proxy.mend();
    await back(port);
    await answered(await callIn(), await offered());
  });

  it('is told from one on which nothing happens', async () => {
    const { signalling: port } = await signalling();
    const { link } = port;
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(link.aborted).toBe(false);
    expect(proxy.open).toBe(1);
  });
});

describe('what the link left behind', () => {
  it('is ended once it is back: a talking call, a ringing attempt', async () => {
    const { signalling: port, offered } = await signalling();
    const call = await callIn();
    await answered(call, await offered());
    const buyer = await farEnd();
    const dialling = port.dial(trunkOf(buyer));
    const invite = await buyer.request('INVITE');
    buyer.send(reply(buyer, invite, '180 Ringing'));
    proxy.cut();
    expect(await dialling.outcome).toEqual({ kind: 'failed', reason: 'link' });
    expect((await call.end.request('BYE')).callId).toBe(call.callId);
    expect((await buyer.request('CANCEL')).callId).toBe(invite.callId);
  });

  it('is ended once it is back: a call whose caller heard an answer that we never heard of', async () => {
    const { signalling: port, offered } = await signalling();
    const call = await callIn();
    const offer = await offered();
    proxy.mute();
    const answer = offer.answer(sdp);
    call.ack(await call.end.response(200, 'INVITE'));
    proxy.cut();
    expect(await answer).toEqual({ ok: false, reason: 'failed' });
    await back(port);
    call.end.send(reply(call.end, await call.end.request('BYE'), '200 OK'));
    await expect.poll(() => sip.stats().dialogs, eventually).toBe(0);
  });

  it('is not said to be ended twice', async () => {
    const { signalling: port, offered } = await signalling();
    const call = await callIn();
    await answered(call, await offered());
    proxy.cut();
    call.end.send(reply(call.end, await call.end.request('BYE'), '200 OK'));
    for (let n = 0; n < 2; n++) {
      await back(port);
      proxy.cut();
      await expect.poll(() => port.link.aborted, eventually).toBe(true);
    }
    await back(port);
    await answered(await callIn(), await offered());
    expect(call.end.seen.filter((one) => one.kind === 'request' && one.method === 'BYE')).toHaveLength(1);
  });
});

it('a link that is refused when it is made anew says why, once', async () => {
  const { signalling: port } = await signalling();
  const at = sip.control;
  await sip.close();
  const other = await startSipServer({ listen: ['udp:127.0.0.1:0'], control: at, secret: 'another' });
  closers.push(() => other.close());
  const before = proxy.taken;
  await expect.poll(() => proxy.taken, { ...eventually, timeout: 20_000 }).toBeGreaterThan(before + 2);
  await expect.poll(() => errors, eventually).toContain('it refused the secret');
  expect(errors.filter((error) => error === 'it refused the secret')).toHaveLength(1);
  expect(port.ready).toBe(false);
});

it('a stream that is no drachtio any more costs the connection, not the process', async () => {
  const { signalling: port, offered } = await signalling();
  const { link } = port;
  proxy.say('HTTP/1.1 400 Bad Request\r\n#\r\n');
  await expect.poll(() => link.aborted, eventually).toBe(true);
  expect(told).toContain('signalling_link_garbled');
  await back(port);
  await answered(await callIn(), await offered());
});

it('a message that cannot be digested is told and skipped', () => {
  const wire = new EventEmitter();
  const read: string[] = [];
  wire.on('msg', (_socket, message: string) => {
    if (message === 'bad') throw new Error('no Contact');
    read.push(message);
  });
  guardWire(wire as unknown as SrfWire, (_level, event) => void told.push(event));
  for (const message of ['one', 'bad', 'two']) wire.emit('msg', null, message);
  expect(read).toEqual(['one', 'two']);
  expect(told).toEqual(['signalling_message_failed']);
});

describe('a SIP server that cannot be used is told, and left alone', () => {
  async function impostor(behave: (socket: Socket) => void): Promise<Impostor> {
    const server = await startImpostor(behave);
    closers.push(() => server.close());
    return server;
  }

  it('where it refuses the secret', async () => {
    const result = await connectTo(proxy.port, 'wrong');
    expect(result).toMatchObject({ ok: false, problem: expect.stringContaining('refused the secret') });
    const { taken } = proxy;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(proxy.taken).toBe(taken);
    expect(sip.stats().apps).toBe(0);
  });

  it('where it says nothing', async () => {
    const server = await impostor(() => undefined);
    const result = await connectTo(server.port);
    expect(result).toMatchObject({
      ok: false,
      problem: expect.stringContaining('said nothing within 1.5 s'),
    });
    const taken = server.taken();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(server.taken()).toBe(taken);
  });

  it.each<[string, string, string]>([
    ['a web server', 'does not speak as a drachtio server does', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a FreeSWITCH', 'does not speak as a drachtio server does', 'Content-Type: auth/request\n\n'],
    ['noise', 'does not speak as a drachtio server does', '#\0\xff#'],
    ['a message of another protocol', 'does not speak as a drachtio server does', '5#hello'],
    [
      'an older drachtio',
      'is version v0.8.26: 0.9 or newer is needed',
      '46#a|response|knock|OK|udp/127.0.0.1:5060|v0.8.26',
    ],
  ])('where there is %s: in one line, with the address', async (_what, problem, said) => {
    const server = await impostor((socket) => void socket.write(said, 'latin1'));
    const began = Date.now();
    const result = await connectTo(server.port);
    expect(Date.now() - began).toBeLessThan(3_000);
    expect(result).toMatchObject({
      ok: false,
      problem: expect.stringContaining(`drachtio at 127.0.0.1:${server.port} ${problem}`),
    });
    // Left alone: the library was never told of it.
    expect(server.taken()).toBe(1);
  });

  it('where it slams the door', async () => {
    const server = await impostor((socket) => void socket.end());
    expect(await connectTo(server.port)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('closed the connection'),
    });
  });

  it('where nobody listens', async () => {
    const server = await startSipServer({
      listen: ['udp:127.0.0.1:0'],
      control: { host: '127.0.0.1', port: 0 },
      secret,
    });
    const { port } = server.control;
    await server.close();
    expect(await connectTo(port)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('cannot be reached'),
    });
  });
});

it('a link that is closed while it is down stays closed', async () => {
  const { signalling: port } = await signalling();
  proxy.cut();
  await expect.poll(() => port.link.aborted, eventually).toBe(true);
  await port.close();
  const { taken } = proxy;
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(proxy.taken).toBe(taken);
});
