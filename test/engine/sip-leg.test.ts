/** A leg that was answered: asked whether it is there, offered other media, and offering it itself. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import type { Leg, Signalling } from '../../src/signalling/signalling.ts';
import { FarEnd, reply, sdp } from './support/sip-far-end.ts';

const secret = 'cymru';
let sip: SipServer;
let signalling: Signalling;
let far: FarEnd;

beforeEach(async () => {
  const control = { host: '127.0.0.1', port: 0 };
  sip = await startSipServer({ listen: ['udp:127.0.0.1:0'], control, secret });
  const linked = await connectSignalling({ ...sip.control, secret, log: () => undefined });
  if (!linked.ok) throw new Error(linked.problem);
  ({ signalling } = linked);
  far = await FarEnd.udp(sip.listening[0]!.port);
});
afterEach(async () => {
  far.close();
  await signalling.close();
  await sip.close();
});

/** A leg to the far end. */
async function dialled(): Promise<Leg> {
  const dialling = signalling.dial({ trunk: `sip:${far.place}`, number: '1', from: null, sdp });
  far.send(reply(far, await far.request('INVITE'), '200 OK', sdp));
  const outcome = await dialling.outcome;
  if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  await far.request('ACK');
  return outcome.leg;
}

describe('a leg that is asked by OPTIONS', () => {
  it.each([
    ['200 OK', 'there'],
    ['405 Method Not Allowed', 'there'],
    ['503 Service Unavailable', 'there'],
    ['481 Call/Transaction Does Not Exist', 'gone'],
    ['408 Request Timeout', 'gone'],
  ] as const)('and answers %s is %s', async (status, found) => {
    const leg = await dialled();
    const asked = leg.alive();
    far.send(reply(far, await far.request('OPTIONS'), status));
    expect(await asked).toBe(found);
  });

  it('and says nothing is silent, which is told from gone', async () => {
    const leg = await dialled();
    expect(await leg.alive()).toBe('silent');
  });
});

describe('a re-INVITE of ours', () => {
  const other = sdp.replace('40000', '40002');
  const theirs = sdp.replace('40000', '40004');

  it('may be answered for as long as its transaction lasts', async () => {
    const leg = await dialled();
    const offering = leg.offer(other);
    const invite = await far.request('INVITE');
    expect(invite.body.toString()).toBe(other);
    far.send(reply(far, invite, '100 Trying'));
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    far.send(reply(far, invite, '200 OK', theirs));
    expect(await offering).toEqual({ ok: true, sdp: theirs });
    expect(leg.remoteSdp).toBe(theirs);
    await far.request('ACK');
  });

  it('that is refused stands in the way of no other; after a 491 it goes again', async () => {
    const leg = await dialled();
    const refused = leg.offer(other);
    far.send(reply(far, await far.request('INVITE'), '488 Not Acceptable Here'));
    expect(await refused).toEqual({ ok: false, status: 488 });
    await far.request('ACK');
    const offering = leg.offer(other);
    far.send(reply(far, await far.request('INVITE'), '491 Request Pending'));
    await far.request('ACK');
    far.send(reply(far, await far.request('INVITE'), '200 OK', theirs));
    expect(await offering).toEqual({ ok: true, sdp: theirs });
  });

  it('ends with its leg', async () => {
    const leg = await dialled();
    const offering = leg.offer(other);
    far.send(reply(far, await far.request('INVITE'), '100 Trying'));
    void leg.hangup();
    expect(await offering).toEqual({ ok: false, status: 481 });
  });
});
