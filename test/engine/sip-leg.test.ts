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
