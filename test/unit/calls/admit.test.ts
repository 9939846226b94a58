/** The first look at an INVITE: what is refused, with what, and in which order. */
import { describe, expect, test } from 'vitest';
import { admit } from '../../../src/calls/admit.ts';
import { Carriers } from '../../../src/calls/carriers.ts';
import type { Floor } from '../../../src/calls/floor.ts';
import { Overload } from '../../../src/calls/overload.ts';
import type { Carrier } from '../../../src/config/config.ts';
import { compile } from '../../../src/routing/table.ts';
import type { Offer } from '../../../src/signalling/signalling.ts';
import { buyer, campaign, network, route } from '../routing/world.ts';

const sdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const anchored = campaign([route('sunrise')], { media: 'anchored' });
const direct = campaign([route('sunrise')]);
const voxlink: Carrier = {
  id: 'voxlink',
  from: ['127.0.0.0/8'],
  concurrency: null,
  cps: null,
  refuseWith: 503,
};

interface Given {
  readonly carrier?: Partial<Carrier>;
  readonly campaign?: typeof direct;
  readonly limits?: Partial<Floor['limits']>;
  readonly live?: readonly string[];
  readonly free?: number | null;
  readonly overload?: Overload;
  readonly closedFor?: 'draining';
}

function switchWith(given: Given = {}) {
  const carrier = { ...voxlink, ...given.carrier };
  const carriers = new Carriers([carrier]);
  const live = new Set(given.live ?? []);
  const routing = compile(network([buyer('sunrise')], [given.campaign ?? direct]));
  const floor = {
    carriers,
    registry: { size: live.size, has: (id: string) => live.has(id) },
    limits: {
      ...{ maxCalls: 10, cps: null, stall: 200, maxCall: 1, drain: 1, rtpTimeout: 1 },
      ...given.limits,
    },
    overload: given.overload ?? new Overload(),
    media: { free: given.free ?? null },
    events: {},
    table: () => ({ hash: 'test', routing }),
    held: () => null,
    now: () => 0,
    monotonic: () => 5_000,
    closedFor: () => given.closedFor ?? null,
  } as unknown as Floor;
  return { floor, enter: () => carriers.enter(carrier, 5_000) };
}

const offer = (headers: Readonly<Record<string, string>> = {}): Offer =>
  ({
    source: { host: '127.0.0.1', port: 5060, transport: 'udp' },
    from: '+12145550111',
    to: '+18005550100',
    sdp,
    header: (name: string) => headers[name],
  }) as unknown as Offer;

const refused = (status: number, reason: string) => ({ ok: false, status, reason });

test('a call that nothing speaks against goes on, with one hop less than it came with', () => {
  expect(admit(offer(), switchWith().floor)).toMatchObject({ ok: true, hops: 70 });
  expect(admit(offer({ 'Max-Forwards': '70' }), switchWith().floor)).toMatchObject({ ok: true, hops: 69 });
  expect(admit(offer({ 'Max-Forwards': ' 12 ' }), switchWith().floor)).toMatchObject({ ok: true, hops: 11 });
  expect(admit(offer({ 'Max-Forwards': '255' }), switchWith().floor)).toMatchObject({ ok: true, hops: 69 });
  expect(admit(offer({ 'Max-Forwards': 'many' }), switchWith().floor)).toMatchObject({ ok: true, hops: 70 });
  expect(admit(offer({ 'Max-Forwards': '70,5' }), switchWith().floor)).toMatchObject({ ok: true, hops: 4 });
});

describe('in circles', () => {
  test('a call that went too far is told so', () => {
    expect(admit(offer({ 'Max-Forwards': '0' }), switchWith().floor)).toMatchObject(
      refused(483, 'too_many_hops'),
    );
  });

  test('what we placed for a call that lives comes back as a loop; of another switch it is a call', () => {
    const { floor } = switchWith({ live: ['ours'] });
    expect(admit(offer({ 'X-Tollbridge-Call': 'ours' }), floor)).toMatchObject(refused(482, 'loop'));
    expect(admit(offer({ 'X-Tollbridge-Call': 'theirs' }), floor)).toMatchObject({ ok: true });
  });
});

test('what requires an extension of SIP hears which ones are not done here; who only supports some is taken', () => {
  expect(admit(offer({ Require: 'timer, X-unheard-of,replaces' }), switchWith().floor)).toEqual({
    ...refused(420, 'extension_required'),
    headers: { Unsupported: 'timer, X-unheard-of, replaces' },
  });
  expect(admit(offer({ Require: '100rel\r\nX-Evil: 1, timer' }), switchWith().floor)).toMatchObject({
    headers: { Unsupported: '100rel, timer' },
  });
  // Whatever is no name is required all the same.
  for (const malformed of ['100 rel', '"100rel"', '100rel;q=1', '<100rel>'])
    expect(admit(offer({ Require: malformed }), switchWith().floor)).toMatchObject({
      ok: false,
      headers: { Unsupported: malformed === '100 rel' ? '100' : '100rel' },
    });
  expect(admit(offer({ Supported: '100rel, timer', Require: ' ' }), switchWith().floor)).toMatchObject({
    ok: true,
  });
});

describe('no room', () => {
  const stalled = new Overload();
  stalled.observe([{ delay: 1_000, busy: 1 }], 200);

  test.each<[string, Given]>([
    ['draining', { closedFor: 'draining', overload: stalled }],
    ['max_calls', { limits: { maxCalls: 1 }, live: ['one'], overload: stalled }],
    ['stalled', { overload: stalled }],
    ['media_full', { campaign: anchored, free: 1 }],
  ])('%s', (reason, given) => {
    expect(admit(offer(), switchWith(given).floor)).toEqual({
      ...refused(503, reason),
      headers: { 'Retry-After': '5' },
    });
  });

  test('calls a second: of all carriers together', () => {
    const { floor, enter } = switchWith({ limits: { cps: 2 } });
    enter();
    expect(admit(offer(), floor)).toMatchObject({ ok: true });
    enter();
    expect(admit(offer(), floor)).toMatchObject(refused(503, 'cps'));
  });

  test('media that a call does not need may be full', () => {
    expect(admit(offer(), switchWith({ free: 0 }).floor)).toMatchObject({ ok: true });
    expect(admit(offer(), switchWith({ campaign: anchored, free: 2 }).floor)).toMatchObject({ ok: true });
    expect(admit(offer(), switchWith({ campaign: anchored, free: null }).floor)).toMatchObject({ ok: true });
  });

  test.each([
    [480, { 'Retry-After': '5' }],
    [486, { 'Retry-After': '5' }],
    [404, { 'Retry-After': '5' }],
    [603, { 'Retry-After': '5' }],
    [488, {}],
    [504, {}],
    [606, {}],
  ])('a carrier that takes %i best gets it', (status, headers) => {
    const { floor } = switchWith({ carrier: { refuseWith: status }, overload: stalled });
    expect(admit(offer(), floor)).toEqual({ ...refused(status, 'stalled'), headers });
  });

  test('what is wrong with a call itself is told as it is', () => {
    const { floor } = switchWith({ carrier: { refuseWith: 480 } });
    expect(admit({ ...offer(), to: '+18005559999' }, floor)).toMatchObject(refused(404, 'unknown_number'));
  });
});
