/** Bodies with more in them than a session description, and UPDATE: what the call story is given of them. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SipServer } from '../../src/embedded/sip/server.ts';
import type { Offer, Signalling } from '../../src/signalling/signalling.ts';
import { linkedFarEnd } from './support/linked-far-end.ts';
import { FarCall, type FarEnd, reply, sdp } from './support/sip-far-end.ts';

const wrapped = (...parts: string[]) => `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`;
const isup = 'Content-Type: application/ISUP\r\n\r\n\x01\x11';
const described = `Content-Type: application/sdp\r\n\r\n${sdp}`;
const asMultipart = (text: string) =>
  text.replace('Content-Type: application/sdp', 'Content-Type: multipart/mixed;boundary=b');

let sip: SipServer;
let signalling: Signalling;
let offers: Offer[];
let far: FarEnd;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ sip, signalling, far, close } = await linkedFarEnd());
  offers = [];
  await signalling.onInvite((offer) => offers.push(offer));
});
afterEach(() => close());

async function offered(body: string): Promise<Offer> {
  const call = new FarCall(far, `sip:x@127.0.0.1:${sip.listening[0]!.port}`);
  call.seq = 1;
  far.send(asMultipart(call.text('INVITE', body, [], `z9hG4bK-${call.callId}`)));
  await expect.poll(() => offers.length).toBe(1);
  return offers[0]!;
}

it.each<[string, string, Pick<Offer, 'sdp' | 'hasOtherBody'>]>([
  ['its session description alone', wrapped(isup, described), { sdp, hasOtherBody: false }],
  ['that there is none in it', wrapped(isup), { sdp: null, hasOtherBody: true }],
])('of the multipart body of an INVITE the call is given %s', async (_what, body, expected) => {
  const { sdp: given, hasOtherBody } = await offered(body);
  expect({ sdp: given, hasOtherBody }).toEqual(expected);
});

it("of a buyer's answers, early and final, too", async () => {
  const dialling = signalling.dial({ trunk: `sip:${far.place}`, number: '1', from: null, sdp });
  const early: (string | null)[] = [];
  dialling.onProgress((progress) => early.push(progress.sdp));
  const invite = await far.request('INVITE');
  far.send(asMultipart(reply(far, invite, '183 Session Progress', wrapped(described, isup))));
  far.send(asMultipart(reply(far, invite, '180 Ringing', wrapped(isup))));
  far.send(asMultipart(reply(far, invite, '200 OK', wrapped(isup, described))));
  const outcome = await dialling.outcome;
  expect(early).toEqual([sdp, null]);
  if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  expect(outcome.leg.remoteSdp).toBe(sdp);
});

it('within a call: a re-INVITE and an UPDATE are answered, one without a description refused', async () => {
  const call = new FarCall(far, `sip:x@127.0.0.1:${sip.listening[0]!.port}`);
  call.invite();
  await expect.poll(() => offers.length).toBe(1);
  const answer = offers[0]!.answer(sdp);
  call.ack(await far.response(200, 'INVITE'));
  const result = await answer;
  if (!result.ok) throw new Error(result.reason);
  const given: (string | null)[] = [];
  result.leg.onOffer((one) => {
    given.push(one);
    return Promise.resolve({ sdp });
  });
  const say = (method: string, body: string) => {
    call.seq += 1;
    const text = call.text(method, body, [], `z9hG4bK-${call.callId}-${call.seq}`);
    far.send(body.startsWith('--') ? asMultipart(text) : text);
  };
  say('INVITE', wrapped(isup, described));
  call.ack(await far.response(200, 'INVITE'));
  say('UPDATE', sdp);
  expect((await far.response(200, 'UPDATE')).body.toString()).toBe(sdp);
  say('UPDATE', '');
  expect((await far.response(200, 'UPDATE')).body.toString()).toBe('');
  say('UPDATE', wrapped(isup));
  expect((await far.response(415, 'UPDATE')).headers.get('accept')).toBe('application/sdp');
  expect(given).toEqual([sdp, sdp]);
});

it('an INVITE of 5,000 header lines is dropped and counted, and the next is taken', async () => {
  const lines = Array.from({ length: 5_000 }, (_, n) => `X-${n}: 1`);
  const call = new FarCall(far, `sip:x@127.0.0.1:${sip.listening[0]!.port}`);
  call.invite(sdp, lines);
  await expect.poll(() => sip.stats().malformed).toBe(1);
  await offered(wrapped(described));
  expect(offers).toHaveLength(1);
  expect(far.seen.filter((one) => one.callId === call.callId)).toEqual([]);
});
