import { describe, expect, test } from 'vitest';
import type { SipMessage } from '../support/sip-trace.ts';
import { freeswitch } from '../support/engines.ts';
import { audioPort, speak, talk, useSwitch } from '../support/stage.ts';
import { tones } from '../support/switch-config.ts';

const stage = useSwitch({
  buyers: { sunrise: {} },
  campaigns: {
    direct: { routing: { routes: [{ buyer: 'sunrise' }] } },
    anchored: { media: 'anchored', routing: { routes: [{ buyer: 'sunrise' }] } },
    unprompted: { routing: { routes: [{ buyer: 'sunrise' }], no_buyer: undefined } },
  },
});

const earned = {
  outcome: 'connected',
  cause: 'caller_hangup',
  buyer: 'sunrise',
  revenue: '45.00',
  payout: '30.00',
  margin: '15.00',
};

describe('no menu: media direct', () => {
  test('18x and 200 relayed, both ways of audio straight between the far ends', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers-on-cue');
    const caller = await stage.caller('caller-talks', { campaign: 'direct' });
    const invite = await buyer.hears('INVITE');
    expect(audioPort(invite.body), 'the caller’s own RTP port').toBe(caller.rtp.port);
    expect(invite.startLine).toMatch(/^INVITE sip:\+12145550200@127\.0\.0\.1:\d+ SIP\/2\.0$/);
    expect((await caller.sip.received(180)).body).toBe('');
    expect(caller.sip.heard(200)).toEqual([]);
    await buyer.sip.cue();
    const answer = await caller.hears(200);
    expect(audioPort(answer.body), 'the buyer’s own RTP port').toBe(buyer.rtp.port);
    expect(answer.callId).not.toBe(invite.callId);
    await talk(caller, buyer);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    const record = await stage.record(caller);
    expect(record).toMatchObject({
      ...earned,
      campaign: 'direct',
      publisher: 'clickwise',
      source: 'google-ads',
    });
    expect(record.attempts).toMatchObject([{ buyer: 'sunrise', result: 'answered' }]);
    expect(record.connected_ms).toBeGreaterThan(1100);
  });

  test('early media: a 183 with SDP is relayed, and the caller hears the buyer before the answer', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-sends-early-media');
    const caller = await stage.caller('caller-talks', { campaign: 'direct' });
    await buyer.hears('INVITE');
    const early = await caller.hears(183);
    expect(audioPort(early.body)).toBe(buyer.rtp.port);
    const stop = speak(buyer, tones.buyer);
    await caller.rtp.heard({ freq: tones.buyer });
    stop();
    await buyer.sip.cue();
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    const record = await stage.record(caller);
    expect(record).toMatchObject({ outcome: 'connected', revenue: '0.00', payout: '0.00', margin: '0.00' });
  });
});

describe('no menu, media: anchored', () => {
  test('18x and 200 relayed, both ways of audio through the switch', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers-on-cue');
    const caller = await stage.caller('caller-talks', { campaign: 'anchored' });
    const invite = await buyer.hears('INVITE');
    await caller.sip.received(180);
    expect(caller.sip.heard(200)).toEqual([]);
    await buyer.sip.cue();
    const answer = await caller.hears(200);
    const ports = [caller.rtp.port, buyer.rtp.port];
    expect(ports, 'the switch’s own RTP port').not.toContain(audioPort(invite.body));
    expect(ports, 'the switch’s own RTP port').not.toContain(audioPort(answer.body));
    await talk(caller, buyer);
    const metrics = await stage.switch.metrics();
    expect(metrics.get('tollbridge_live_calls')).toBe(1);
    // A FreeSWITCH is asked for its channels after each test.
    if (freeswitch === null) expect(metrics.get('tollbridge_rtp_sockets')).toBeGreaterThanOrEqual(2);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    const record = await stage.record(caller);
    expect(record).toMatchObject({ ...earned, campaign: 'anchored' });
    expect(record.connected_ms).toBeGreaterThan(1100);
  });

  test('the audio itself: tones of both sides at once, level and frequency kept', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { campaign: 'anchored' });
    await buyer.hears('INVITE');
    await caller.hears(200);
    const stop = [speak(caller, tones.caller), speak(buyer, tones.buyer)];
    await Promise.all([
      buyer.rtp.heard({ freq: tones.caller, forMs: 1500, share: 0.95 }),
      caller.rtp.heard({ freq: tones.buyer, forMs: 1500, share: 0.95 }),
    ]);
    for (const each of stop) each();
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
  });

  test('a caller and a buyer of one codec and no telephone-event', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers', { rtp: { dtmfPayloadType: false } });
    const caller = await stage.caller('caller-talks', {
      campaign: 'anchored',
      rtp: { dtmfPayloadType: false },
    });
    await buyer.hears('INVITE');
    await caller.hears(200);
    await talk(caller, buyer, 300);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
  });

  test('digits pass the bridge, each leg by its own payload type', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers', { rtp: { dtmfPayloadType: 96 } });
    const caller = await stage.caller('caller-talks', { campaign: 'anchored' });
    await buyer.hears('INVITE');
    await caller.hears(200);
    await talk(caller, buyer, 200);
    await caller.rtp.press('19#');
    await buyer.rtp.heardDigits('19#');
    await buyer.rtp.press('*0');
    await caller.rtp.heardDigits('*0');
    expect(buyer.rtp.digits).toBe('19#');
    expect(caller.rtp.digits).toBe('*0');
    expect(new Set(buyer.rtp.digitEvents.map((digit) => digit.payloadType))).toEqual(new Set([96]));
    expect(new Set(caller.rtp.digitEvents.map((digit) => digit.payloadType))).toEqual(new Set([101]));
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
  });
});

test('hold: answered by the switch with the direction mirrored, the call goes on, and is taken back', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-holds', {
    campaign: 'anchored',
    keysOf: (rtp) => ({
      sdp_hold: rtp.sdp('sendonly', 2).trimEnd(),
      sdp_back: rtp.sdp('sendrecv', 3).trimEnd(),
    }),
  });
  await buyer.hears('INVITE');
  const first = await caller.hears(200);
  await talk(caller, buyer, 200);
  await caller.sip.cue();
  const held = await caller.sip.message((one) => answers(one, 2), 'the answer to the hold');
  expect(held.body).toMatch(/^a=recvonly\r?$/m);
  expect(versionOf(held.body).user).toBe(versionOf(first.body).user);
  expect(versionOf(held.body).version).toBe(versionOf(first.body).version + 1);
  await caller.sip.cue();
  const back = await caller.sip.message((one) => answers(one, 3), 'the answer to the taking back');
  expect(back.body).not.toMatch(/^a=(recvonly|inactive)/m);
  await talk(caller, buyer, 200);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(await stage.record(caller)).toMatchObject({ outcome: 'connected', cause: 'caller_hangup' });
});

test('an INVITE without SDP: our offer in the 200, the caller’s answer in the ACK', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-offers-late', { campaign: 'direct' });
  await buyer.hears('INVITE');
  await caller.hears(200);
  await talk(caller, buyer);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(await stage.record(caller)).toMatchObject({ ...earned, campaign: 'direct' });
});

describe('PCMU with PCMA buyer', () => {
  test('anchored: answered by an agreed codec on each leg, the tones intact', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers', { rtp: { codec: 'PCMA' } });
    const caller = await stage.caller('caller-talks', { campaign: 'anchored', rtp: { codec: 'PCMU' } });
    const invite = await buyer.hears('INVITE');
    expect(invite.body, 'the caller’s codec first, ours after it').toMatch(/^m=audio \d+ RTP\/AVP 0 8\b/m);
    const answer = await caller.hears(200);
    expect(answer.body).toMatch(/^m=audio \d+ RTP\/AVP 0\b/m);
    await talk(caller, buyer, 1000);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(heardTypes(caller)).toEqual([0]);
    expect(heardTypes(buyer)).toEqual([8]);
  });

  test('direct: the buyer refuses with 488, and so does the switch', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-refuses', {
      keys: { status: '488', reason: 'Not Acceptable Here' },
    });
    const caller = await stage.caller('caller-is-refused', { campaign: 'unprompted' });
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(caller.sip.heard(488)).toHaveLength(1);
    expect(await stage.record(caller)).toMatchObject({
      cause: 'no_common_codec',
      attempts: [{ buyer: 'sunrise', result: 'no_common_codec', status: 488 }],
    });
  });

  test('direct: a buyer who answers by a codec that was not offered is hung up, the caller gets 488, not noise', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers', { rtp: { codec: 'PCMA' } });
    const caller = await stage.caller('caller-is-refused', {
      campaign: 'unprompted',
      rtp: { codec: 'PCMU' },
    });
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(caller.sip.heard(488)).toHaveLength(1);
    expect(caller.sip.heard(200)).toEqual([]);
  });
});

function heardTypes(end: {
  rtp: { packets: readonly { payloadType: number }[]; dtmfPayloadType: number | false };
}) {
  return [...new Set(end.rtp.packets.map((packet) => packet.payloadType))].filter(
    (type) => type !== end.rtp.dtmfPayloadType,
  );
}

function answers(message: SipMessage, cseq: number): boolean {
  return message.status === 200 && message.headers.get('cseq') === `${cseq} INVITE`;
}

function versionOf(sdp: string): { user: string; version: number } {
  const [, user = '', version = ''] = /^o=(\S+ \S+) (\d+)/m.exec(sdp) ?? [];
  return { user, version: Number(version) };
}
