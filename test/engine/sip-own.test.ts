/** What the embedded SIP server says by itself is told to the switch, where it is wanted, after what it is said to. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import { readFrame } from '../../src/signalling/drachtio/wire-frame.ts';
import type { Offer, Signalling } from '../../src/signalling/signalling.ts';
import { FarCall, FarEnd, reply, sdp } from './support/sip-far-end.ts';

const secret = 'cymru';
let sip: SipServer;
let signalling: Signalling;
let far: FarEnd;
let offers: Offer[];
let told: string[];

async function start(tellsOwn: boolean): Promise<void> {
  [offers, told] = [[], []];
  const control = { host: '127.0.0.1', port: 0 };
  sip = await startSipServer({ listen: ['udp:127.0.0.1:0'], control, secret, tellsOwn });
  const onSip = (frame: string) => {
    const read = readFrame(frame);
    if (!read) return;
    const [first = '', status = ''] = read.text.split(' ', 2);
    const { direction, address, transport } = read;
    told.push(`${direction} ${first === 'SIP/2.0' ? status : first}`);
    expect(transport).toBe('udp');
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  };
  const linked = await connectSignalling({ ...sip.control, secret, log: () => undefined, onSip });
  if (!linked.ok) throw new Error(linked.problem);
  ({ signalling } = linked);
  await signalling.onInvite((offer) => offers.push(offer));
  far = await FarEnd.udp(sip.listening[0]!.port);
}
const calls = () => new FarCall(far, `sip:x@127.0.0.1:${sip.listening[0]!.port}`);

beforeEach(() => start(true));
afterEach(async () => {
  far.close();
  await signalling.close();
  await sip.close();
});

it('100, and 200 and 487 to a CANCEL', async () => {
  const call = calls();
  call.invite();
  await expect.poll(() => offers.length).toBe(1);
  call.cancel();
  call.ack(await far.response(487));
  await expect
    .poll(() => told)
    .toEqual(['received INVITE', 'sent 100', 'received CANCEL', 'sent 200', 'sent 487']);
});

it('the ACK of a refusal', async () => {
  const dialling = signalling.dial({ trunk: `sip:${far.place}`, number: '1', from: null, sdp });
  far.send(reply(far, await far.request('INVITE'), '486 Busy Here'));
  expect(await dialling.outcome).toMatchObject({ kind: 'refused', status: 486 });
  await expect.poll(() => told).toEqual(['sent INVITE', 'received 486', 'sent ACK']);
});

it('what belongs to no call is not told', async () => {
  for (const method of ['BYE', 'CANCEL', 'FROBNICATE']) {
    calls().request(method);
    await far.response(method === 'FROBNICATE' ? 405 : 481);
  }
  calls().request('OPTIONS');
  await far.response(200);
  await expect.poll(() => told).toEqual(['received OPTIONS', 'sent 200']);
});

it('nothing of it is told where nobody wants it', async () => {
  far.close();
  await signalling.close();
  await sip.close();
  await start(false);
  const call = calls();
  call.invite();
  await expect.poll(() => offers.length).toBe(1);
  call.cancel();
  call.ack(await far.response(487));
  await expect.poll(() => told).toEqual(['received INVITE', 'received CANCEL']);
});
