/** Far ends without a Contact that is of use: their calls are not left to them, or to the SIP server. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SipServer } from '../../src/embedded/sip/server.ts';
import type { Answered, Signalling } from '../../src/signalling/signalling.ts';
import { linkedFarEnd } from './support/linked-far-end.ts';
import { FarCall, type FarEnd, reply, sdp } from './support/sip-far-end.ts';

let sip: SipServer;
let signalling: Signalling;
let far: FarEnd;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ sip, signalling, far, close } = await linkedFarEnd());
});
afterEach(() => close());

it('a buyer that answers without a Contact is hung up, and the call tried elsewhere', async () => {
  await signalling.onInvite(() => undefined);
  const dialling = signalling.dial({ trunk: `sip:${far.place}`, number: '1', from: null, sdp });
  const answer = reply(far, await far.request('INVITE'), '200 OK', sdp);
  far.send(answer.replace(/Contact: .*\r\n/, ''));
  expect(await dialling.outcome).toEqual({ kind: 'failed', reason: 'transport' });
  far.send(reply(far, await far.request('BYE'), '200 OK'));
  await expect.poll(() => sip.stats().dialogs).toBe(0);
});

it('a caller whose Contact leads nowhere leaves nothing, though no BYE can be sent to it', async () => {
  const answers: Promise<Answered>[] = [];
  await signalling.onInvite((offer) => answers.push(offer.answer(sdp)));
  const call = new FarCall(far, `sip:x@127.0.0.1:${sip.listening[0]!.port}`);
  call.seq = 1;
  const invite = call.text('INVITE', sdp, [], 'z9hG4bK-unread');
  far.send(invite.replace(/Contact: .*\r\n/, 'Contact: <sip:far@127.0.0.1;transport=ws>\r\n'));
  call.ack(await far.response(200, 'INVITE'));
  const answered = await answers[0]!;
  if (!answered.ok) throw new Error(answered.reason);
  await answered.leg.acknowledged;
  expect(sip.stats().dialogs).toBe(1);
  await answered.leg.hangup();
  expect(sip.stats().dialogs).toBe(0);
});
