/** A leg that was answered: asked whether it is there, offered other media, and offering it itself. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipServer } from '../../src/embedded/sip/server.ts';
import { DrachtioLeg } from '../../src/signalling/drachtio/leg.ts';
import { Link } from '../../src/signalling/drachtio/link.ts';
import type { SrfResponse } from '../../src/signalling/drachtio/srf.ts';
import type { Leg, Offer, OfferAnswer, Signalling } from '../../src/signalling/signalling.ts';
import { linkedFarEnd } from './support/linked-far-end.ts';
import { FarCall, type FarEnd, reply, sdp } from './support/sip-far-end.ts';

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

describe('an offer of the far end', () => {
  const other = sdp.replace('40000', '40002');

  /** A leg that the far end called, and its side of it. */
  async function called(): Promise<{ leg: Leg; call: FarCall }> {
    const call = new FarCall(far, `sip:x@127.0.0.1:${sip.listening[0]!.port}`);
    call.invite();
    await expect.poll(() => offers.length).toBe(1);
    const answering = offers[0]!.answer(sdp);
    call.ack(await far.response(200, 'INVITE'));
    const answered = await answering;
    if (!answered.ok) throw new Error(answered.reason);
    await answered.leg.acknowledged;
    return { leg: answered.leg, call };
  }

  it('is refused by 500 and Retry-After while an earlier one waits, which is answered', async () => {
    const { leg, call } = await called();
    const taken: ((answer: OfferAnswer) => void)[] = [];
    leg.onOffer(() => new Promise((resolve) => taken.push(resolve)));
    call.request('UPDATE', other);
    await expect.poll(() => taken.length).toBe(1);
    call.request('UPDATE', other);
    const refusal = await far.response(500, 'UPDATE');
    expect(Number(refusal.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect(taken).toHaveLength(1);
    taken[0]!({ sdp });
    expect((await far.response(200, 'UPDATE')).body.toString()).toBe(sdp);
    call.request('UPDATE', other);
    await expect.poll(() => taken.length).toBe(2);
  });

  it('is refused by 491 while one of ours is on its way to it', async () => {
    const answers: ((error: unknown, response?: SrfResponse) => void)[] = [];
    const dialog = Object.assign(new EventEmitter(), {
      ...{ sip: { callId: 'x' }, local: { sdp, contact: '<sip:us>' }, remote: { sdp }, connected: true },
      destroy: () => undefined,
      handle: () => undefined,
      request: (_options: object, heard: (typeof answers)[number]) => void answers.push(heard),
    });
    const response = (status: number) =>
      ({ status, body: sdp, send: sent }) as Partial<SrfResponse> as SrfResponse;
    const said: number[] = [];
    const sent = (status: number) => void said.push(status);
    const leg = new DrachtioLeg(dialog, true, new Link());
    leg.onOffer(() => Promise.resolve({ sdp }));
    const crosses = () => dialog.emit('modify', { body: other }, response(0));

    const offering = leg.offer(other);
    crosses();
    expect(said).toEqual([491]);
    expect(await leg.offer(other)).toEqual({ ok: false, status: 491 });
    expect(answers).toHaveLength(1);
    answers[0]!(null, response(180));
    crosses();
    answers[0]!(null, response(200));
    expect(await offering).toEqual({ ok: true, sdp });
    crosses();
    await expect.poll(() => said).toEqual([491, 491, 200]);
  });

  it('is told to come later until what the ACK of an empty one brought has been dealt with', async () => {
    const { leg, call } = await called();
    const brought: (string | null)[] = [];
    let done: () => void = () => undefined;
    leg.onOffer(() =>
      Promise.resolve({
        sdp,
        acknowledged: (answer) => {
          brought.push(answer);
          return new Promise((resolve) => (done = resolve));
        },
      }),
    );
    call.request('INVITE');
    call.ack(await far.response(200, 'INVITE'), other);
    await expect.poll(() => brought).toEqual([other]);
    call.request('UPDATE', other);
    await far.response(500, 'UPDATE');
    done();
    await expect
      .poll(async () => {
        call.request('UPDATE', other);
        const answer = await far.next((one) => one.kind === 'response' && one.cseq?.method === 'UPDATE');
        return answer.kind === 'response' && answer.status;
      })
      .toBe(200);
  });

  it('is heard while a request of ours is under way in its call', async () => {
    const { leg, call } = await called();
    leg.onOffer(() => Promise.resolve({ sdp: other }));
    const asked = leg.alive();
    const options = await far.request('OPTIONS');
    call.request('UPDATE', other);
    expect((await far.response(200, 'UPDATE')).body.toString()).toBe(other);
    far.send(reply(far, options, '200 OK'));
    expect(await asked).toBe('there');

    const offering = leg.offer(sdp);
    const invite = await far.request('INVITE');
    call.request('UPDATE', other);
    await far.response(491, 'UPDATE');
    call.request('UPDATE');
    await far.response(200, 'UPDATE');
    far.send(reply(far, invite, '200 OK', other));
    expect(await offering).toEqual({ ok: true, sdp: other });
  });
});

it('a provisional answer of a buyer that is reliable though nobody asked for it gets its PRACK, and the call goes on', async () => {
  const dialling = signalling.dial({ trunk: `sip:${far.place}`, number: '1', from: null, sdp });
  const heard: number[] = [];
  dialling.onProgress(({ status }) => heard.push(status));
  const invite = await far.request('INVITE');
  expect(invite.headers.has('supported')).toBe(false);
  far.send(reply(far, invite, '183 Session Progress', sdp, ['Require: 100rel', 'RSeq: 7']));
  const prack = await far.request('PRACK');
  expect(prack.headers.get('rack')).toBe(`7 ${invite.headers.get('cseq')}`);
  far.send(reply(far, prack, '200 OK'));
  expect(heard).toEqual([183]);
  far.send(reply(far, invite, '200 OK', sdp));
  expect(await dialling.outcome).toMatchObject({ kind: 'answered' });
  await far.request('ACK');
});
