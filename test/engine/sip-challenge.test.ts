/** Trunks that want credentials: nothing is left of a challenge, whether it could be answered or not. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SrfAgent, SrfConnection } from '../../src/signalling/drachtio/srf.ts';
import type { Signalling } from '../../src/signalling/signalling.ts';
import { linkedFarEnd } from './support/linked-far-end.ts';
import { type FarEnd, reply, sdp } from './support/sip-far-end.ts';

let signalling: Signalling;
let agent: SrfAgent;
let far: FarEnd;
let close: () => Promise<void>;

beforeEach(async () => {
  const linked = await linkedFarEnd();
  ({ signalling, far, close } = linked);
  agent = (linked.srf as SrfConnection).app.client!;
});
afterEach(() => close());

const kept = () => [
  agent.pendingSipAuthTxnIdUpdate.size,
  ...[...agent.mapServer.values()].map(({ pendingSipAuthRequests }) => pendingSipAuthRequests.size),
];
const dial = () =>
  signalling.dial({
    ...{ trunk: `sip:${far.place}`, number: '1', from: null, sdp },
    auth: { username: 'alice', password: 'secret' },
  });

it.each(['401 Unauthorized', '407 Proxy Authentication Required'])(
  'a bare %s is an answer',
  async (status) => {
    const dialling = dial();
    far.send(reply(far, await far.request('INVITE'), status));
    expect(await dialling.outcome).toMatchObject({ kind: 'refused', status: Number(status.slice(0, 3)) });
    expect(kept()).toEqual([0, 0]);
  },
);

it('a challenge is answered, and refused credentials are an answer', async () => {
  const dialling = dial();
  const challenge = 'WWW-Authenticate: Digest realm="far", nonce="n1", algorithm=MD5';
  far.send(reply(far, await far.request('INVITE'), '401 Unauthorized', '', [challenge]));
  await far.request('ACK');
  const second = await far.request('INVITE');
  expect(second.headers.get('authorization')).toContain('username="alice"');
  far.send(reply(far, second, '401 Unauthorized', '', [challenge]));
  expect(await dialling.outcome).toMatchObject({ kind: 'refused', status: 401 });
  expect(kept()).toEqual([0, 0]);
});

it.each(['OPTIONS', 'INVITE', 'BYE'])('a bare 401 to a %s in the call is an answer', async (method) => {
  const dialling = dial();
  far.send(reply(far, await far.request('INVITE'), '200 OK', sdp));
  const outcome = await dialling.outcome;
  if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  const { leg } = outcome;
  const answered = method === 'OPTIONS' ? leg.alive() : method === 'INVITE' ? leg.offer(sdp) : leg.hangup();
  far.send(reply(far, await far.request(method), '401 Unauthorized'));
  await answered;
  expect(kept()).toEqual([0, 0]);
});
