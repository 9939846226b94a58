import { expect, test } from 'vitest';
import { talkToTheEnd, useSwitch } from '../support/stage.ts';
import { tones } from '../support/switch-config.ts';

const inOrder = [
  { buyer: 'first', priority: 1 },
  { buyer: 'second', priority: 2 },
  { buyer: 'third', priority: 3 },
];

const stage = useSwitch({
  buyers: { first: {}, second: {}, third: {}, nobody: {}, guarded: {} },
  // A closed TCP port says so at once; of a closed UDP port nobody may hear before a time-out.
  trunks: { nobody: { transport: 'tcp' }, guarded: { auth: { username: 'acme', password: 's3cret' } } },
  ivrs: {
    hello: { start: 'hello', steps: { hello: { play: 'prompts/menu.wav', go: 'route' } } },
  },
  campaigns: {
    direct: { routing: { ring: '1s', routes: inOrder } },
    greeted: { ivr: 'hello', routing: { ring: '1s', routes: inOrder } },
    impatient: { routing: { ring: '1s', give_up: '2s', routes: inOrder } },
    guarded: { routing: { routes: [{ buyer: 'guarded' }] } },
    unserved: {
      routing: {
        routes: [
          { buyer: 'nobody', priority: 1 },
          { buyer: 'second', priority: 2 },
        ],
      },
    },
  },
});

const busy = { keys: { status: '486', reason: 'Busy Here' } };

test.each(['direct', 'greeted'])('first buyer busy, second answers (%s)', async (campaign) => {
  const first = await stage.buyer('first', 'buyer-refuses', busy);
  const second = await stage.buyer('second', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign });
  await talkToTheEnd(caller, second, { others: [first] });
  const callIds = [caller, first, second].map((end) => end.sip.messages[0]?.callId);
  expect(new Set(callIds).size, 'a fresh Call-ID for each attempt').toBe(3);
  const record = await stage.record(caller);
  expect(record).toMatchObject({ outcome: 'connected', buyer: 'second', revenue: '45.00', payout: '30.00' });
  expect(record.attempts).toMatchObject([
    { buyer: 'first', result: 'busy', status: 486 },
    { buyer: 'second', result: 'answered' },
  ]);
});

test.each([
  [503, 'Service Unavailable', 'refused'],
  [500, 'Server Error', 'refused'],
  [480, 'Temporarily Unavailable', 'refused'],
  [404, 'Not Found', 'refused'],
])('first buyer refuses with %d %s, second answers', async (status, reason, result) => {
  const first = await stage.buyer('first', 'buyer-refuses', { keys: { status: `${status}`, reason } });
  const second = await stage.buyer('second', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'direct' });
  await caller.hears(200);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), first.sip.done(), second.sip.done()]);
  expect((await stage.record(caller)).attempts).toMatchObject([
    { buyer: 'first', result, status },
    { buyer: 'second', result: 'answered' },
  ]);
});

test('ring time-out: the first buyer is cancelled, the second answers', async () => {
  const first = await stage.buyer('first', 'buyer-rings');
  const second = await stage.buyer('second', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'direct' });
  await talkToTheEnd(caller, second, { others: [first], forMs: 200 });
  const record = await stage.record(caller);
  expect(record.attempts).toMatchObject([
    { buyer: 'first', result: 'no_answer' },
    { buyer: 'second', result: 'answered' },
  ]);
  expect(record.buyer).toBe('second');
});

test('give-up budget: ringing in all ends before the attempts do', async () => {
  const first = await stage.buyer('first', 'buyer-rings');
  const second = await stage.buyer('second', 'buyer-rings');
  const caller = await stage.caller('caller-listens', { campaign: 'impatient' });
  await Promise.all([caller, first, second].map((end) => end.sip.done()));
  expect(await stage.record(caller)).toMatchObject({
    outcome: 'no_buyer',
    cause: 'no_buyer',
    attempts: [
      { buyer: 'first', result: 'no_answer' },
      { buyer: 'second', result: 'no_answer' },
    ],
  });
});

test('all fail → no buyer: the prompt is heard, then the switch hangs up', async () => {
  const buyers = await Promise.all(
    ['first', 'second', 'third'].map((buyer) => stage.buyer(buyer, 'buyer-refuses', busy)),
  );
  const caller = await stage.caller('caller-listens', { campaign: 'greeted' });
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.noBuyer, forMs: 500, withinMs: 8000 });
  await Promise.all([caller, ...buyers].map((end) => end.sip.done()));
  expect(await stage.record(caller)).toMatchObject({
    outcome: 'no_buyer',
    cause: 'no_buyer',
    buyer: null,
    connected_at: null,
    attempts: [
      { buyer: 'first', result: 'busy' },
      { buyer: 'second', result: 'busy' },
      { buyer: 'third', result: 'busy' },
    ],
    revenue: '0.00',
    payout: '0.00',
    margin: '0.00',
  });
});

test('all fail → no buyer, without a menu: media is fetched only for the prompt', async () => {
  const buyers = await Promise.all(
    ['first', 'second', 'third'].map((buyer) => stage.buyer(buyer, 'buyer-refuses', busy)),
  );
  const caller = await stage.caller('caller-listens', { campaign: 'direct' });
  await caller.sip.message((one) => one.direction === 'received' && one.body !== '', 'SDP');
  await caller.rtp.heard({ freq: tones.noBuyer, forMs: 500, withinMs: 8000 });
  await Promise.all([caller, ...buyers].map((end) => end.sip.done()));
  expect(await stage.record(caller)).toMatchObject({ outcome: 'no_buyer', cause: 'no_buyer' });
});

test('a buyer whose trunk nobody serves is passed over', async () => {
  const second = await stage.buyer('second', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'unserved' });
  await talkToTheEnd(caller, second, { forMs: 200 });
  expect((await stage.record(caller)).attempts).toMatchObject([
    // The SIP server tells of a trunk it could not reach as 503 (RFC 3261 section 8.1.3.1).
    { buyer: 'nobody', status: 503 },
    { buyer: 'second', result: 'answered' },
  ]);
});

test('digest challenge: answered with the credentials of the trunk', async () => {
  const buyer = await stage.buyer('guarded', 'buyer-challenges', {
    keys: { username: 'acme', password: 's3cret' },
  });
  const caller = await stage.caller('caller-talks', { campaign: 'guarded' });
  await caller.hears(200);
  expect(buyer.sip.heard('INVITE')).toHaveLength(2);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect((await stage.record(caller)).attempts).toMatchObject([{ buyer: 'guarded', result: 'answered' }]);
});
