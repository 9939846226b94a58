/** Extensions of SIP that a far end requires, and methods that are not done, on either SIP server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FarCall, FarEnd, sdp } from '../engine/support/sip-far-end.ts';
import { useSwitch } from '../support/stage.ts';
import type { TraceView } from '../../src/trace/view.ts';

const stage = useSwitch({
  buyers: { sunrise: {} },
  campaigns: { direct: { routing: { routes: [{ buyer: 'sunrise' }] } } },
});
let far: FarEnd;
beforeAll(async () => {
  far = await FarEnd.udp(stage.switch.sip.port);
});
afterAll(() => far.close());

const call = () =>
  new FarCall(far, `sip:${stage.switch.number('direct')}@${stage.switch.sip.host}:${stage.switch.sip.port}`);

test.each(['100rel', 'timer', 'replaces', 'X-unheard-of, 100rel'])(
  'an INVITE that requires %s gets 420, which is counted and traced',
  async (required) => {
    const counted = 'tollbridge_calls_refused_total';
    const before = (await stage.switch.metrics()).get(counted) ?? 0;
    const placed = call();
    placed.invite(sdp, [`Require: ${required}`]);
    const refused = await far.response(420, 'INVITE');
    expect(refused.headers.list('unsupported')).toEqual(required.split(', '));
    placed.ack(refused);
    expect((await stage.switch.metrics()).get(counted)).toBe(before + 1);
    const { stdout } = await stage.switch.command('trace', placed.callId, '--json');
    const { messages } = JSON.parse(stdout) as TraceView;
    expect(messages.map(({ text }) => text.split(' ', 2).join(' ').slice(0, 11))).toEqual([
      'INVITE sip:',
      'SIP/2.0 420',
    ]);
  },
);

test('who merely supports extensions is put through; in the call each request is answered', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const placed = call();
  placed.invite(sdp, ['Supported: 100rel, timer, replaces']);
  const answer = await far.response(200, 'INVITE');
  expect(answer.headers.has('require')).toBe(false);
  placed.ack(answer);
  for (const method of ['FROBNICATE', 'MESSAGE', 'REGISTER']) {
    placed.request(method);
    expect((await far.response(405, method)).headers.get('allow')).toContain('UPDATE');
  }
  placed.request('PRACK', '', ['RAck: 1 1 INVITE']);
  await far.response(481, 'PRACK');
  placed.request('INFO', '', ['Require: X-unheard-of']);
  expect((await far.response(420, 'INFO')).headers.get('unsupported')).toBe('X-unheard-of');
  placed.invite(sdp, ['Require: timer']);
  const refused = await far.response(420, 'INVITE');
  placed.end.send(placed.text('ACK', '', [], placed.inviteBranch));
  expect(refused.headers.get('unsupported')).toBe('timer');
  placed.request('BYE', '', ['Require: timer']);
  await far.response(200, 'BYE');
  await buyer.sip.done();
});
