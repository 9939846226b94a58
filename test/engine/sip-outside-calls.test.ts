/** What the switch answers to requests that belong to no call, over the wire protocol of a drachtio server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSipServer, type SipServer, type SipServerOptions } from '../../src/embedded/sip/server.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import type { Signalling } from '../../src/signalling/signalling.ts';
import { FarCall, FarEnd, sdp } from './support/sip-far-end.ts';

const secret = 'cymru';
const allowed = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';
let sip: SipServer;
let signalling: Signalling;
let end: FarEnd;
let isOpen = true;
const logged: { event: string; fields: Readonly<Record<string, unknown>> }[] = [];
const log: SipServerOptions['log'] = (_, event, fields = {}) => void logged.push({ event, fields });

beforeAll(async () => {
  const control = { host: '127.0.0.1', port: 0 };
  sip = await startSipServer({ listen: ['udp:127.0.0.1:0'], control, secret, log });
  const connected = await connectSignalling({
    ...control,
    port: sip.control.port,
    secret,
    log: () => undefined,
  });
  if (!connected.ok) throw new Error(connected.problem);
  signalling = connected.signalling;
  signalling.onProbe(() => isOpen);
  await signalling.onInvite((offer) => void offer.answer(sdp));
  end = await FarEnd.udp(sip.listening[0]!.port);
});
afterAll(async () => {
  end.close();
  await signalling.close();
  await sip.close();
});

const call = () => new FarCall(end, `sip:service@127.0.0.1:${sip.listening[0]!.port}`);

describe('OPTIONS', () => {
  it('that requires an extension is told which ones are not done here', async () => {
    isOpen = true;
    call().request('OPTIONS', '', ['Require: timer, X-unheard-of']);
    expect((await end.response(420, 'OPTIONS')).headers.get('unsupported')).toBe('timer, X-unheard-of');
  });

  it('is answered as an INVITE would be: 200 with what is done here', async () => {
    isOpen = true;
    call().request('OPTIONS');
    const { headers } = await end.response(200, 'OPTIONS');
    expect(headers.get('allow')).toBe(allowed);
    expect(headers.get('accept')).toBe('application/sdp');
  });

  it('503 with Retry-After while no calls are taken', async () => {
    isOpen = false;
    call().request('OPTIONS');
    const { headers } = await end.response(503, 'OPTIONS');
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(headers.get('allow')).toBe(allowed);
  });
});

it.each(['REGISTER', 'MESSAGE', 'SUBSCRIBE', 'PUBLISH', 'NOTIFY', 'REFER', 'FROBNICATE'])(
  '%s is not done here: 405 with Allow',
  async (method) => {
    call().request(method);
    expect((await end.response(405, method)).headers.get('allow')).toBe(allowed);
  },
);

it.each(['INFO', 'UPDATE', 'PRACK'])('%s belongs to a call, and there is none: 481', async (method) => {
  call().request(method);
  await end.response(481, method);
});

it.each(['INFO', 'NOTIFY', 'REFER'])('%s of a dialog that is no more: 481', async (method) => {
  const gone = call();
  gone.toTag = 'gone';
  gone.request(method);
  await end.response(481, method);
});

it('a flood of methods that nobody knows is summed up in the log, their text cut short', async () => {
  const sent = 60;
  const from = logged.length;
  for (let count = 0; count < sent; count++) {
    call().request(`X${'Y'.repeat(1_000)}`);
    await end.response(405);
  }
  const ofFlood = () => logged.slice(from).filter(({ event }) => event === 'sip.unsupported_method');
  const leftOut = () =>
    logged
      .slice(from)
      .filter(
        ({ event, fields }) => event === 'sip.lines_left_out' && fields['of'] === 'sip.unsupported_method',
      )
      .reduce((sum, { fields }) => sum + Number(fields['lines']), 0);
  await expect.poll(() => ofFlood().length + leftOut(), { timeout: 10_000 }).toBe(sent);
  expect(leftOut()).toBeGreaterThan(0);
  for (const { fields } of ofFlood()) expect(String(fields['method']).length).toBeLessThanOrEqual(65);
});

it('the 200 to an INVITE says what is done here, too', async () => {
  const placed = call();
  placed.invite();
  const answer = await end.response(200, 'INVITE');
  expect(answer.headers.get('allow')).toBe(allowed);
  placed.ack(answer);
  placed.request('BYE');
  await end.response(200, 'BYE');
});

it('in a call: 405 with Allow to what is not done, 481 to a PRACK of nothing, and the call goes on', async () => {
  const placed = call();
  placed.invite();
  placed.ack(await end.response(200, 'INVITE'));
  for (const method of ['MESSAGE', 'NOTIFY', 'PUBLISH', 'SUBSCRIBE', 'FROBNICATE']) {
    placed.request(method);
    expect((await end.response(405, method)).headers.get('allow')).toBe(allowed);
  }
  placed.request('REGISTER');
  expect((await end.response(405, 'REGISTER')).headers.get('allow')).toBe(allowed);
  placed.request('PRACK', '', ['RAck: 1 1 INVITE']);
  await end.response(481, 'PRACK');
  placed.request('OPTIONS');
  expect((await end.response(200, 'OPTIONS')).headers.get('allow')).toBe(allowed);
  placed.request('BYE');
  await end.response(200, 'BYE');
});

it('in a call: what requires an extension is refused, and the call stays as it is; a BYE ends it all the same', async () => {
  const placed = call();
  placed.invite();
  placed.ack(await end.response(200, 'INVITE'));
  placed.invite(sdp, ['Require: timer', 'Require: replaces']);
  const refused = await end.response(420, 'INVITE');
  expect(refused.headers.get('unsupported')).toBe('timer, replaces');
  placed.ack(refused);
  for (const method of ['INFO', 'UPDATE']) {
    placed.request(method, '', ['Require: 100rel']);
    expect((await end.response(420, method)).headers.get('unsupported')).toBe('100rel');
  }
  placed.request('BYE', '', ['Require: timer']);
  await end.response(200, 'BYE');
});
