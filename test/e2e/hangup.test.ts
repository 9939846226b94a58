import { describe, expect, test } from 'vitest';
import { talk, talkToTheEnd, useSwitch } from '../support/stage.ts';

const stage = useSwitch({
  buyers: { sunrise: { concurrency: 1 } },
  limits: { rtp_timeout: '2s', max_call: '8s' },
  campaigns: {
    direct: { routing: { routes: [{ buyer: 'sunrise' }] } },
    anchored: { media: 'anchored', routing: { routes: [{ buyer: 'sunrise' }] } },
  },
});

describe.each(['direct', 'anchored'])('media %s', (campaign) => {
  test('caller cancels while ringing', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-rings');
    const caller = await stage.caller('caller-cancels', { campaign });
    await caller.sip.received(180);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(await stage.record(caller)).toMatchObject({
      outcome: 'abandoned',
      cause: 'caller_cancelled',
      attempts: [{ buyer: 'sunrise', result: 'cancelled' }],
      payout: '0.00',
    });
  });

  test('caller cancels at once', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-rings');
    const caller = await stage.caller('caller-cancels-at-once', { campaign });
    await caller.sip.done();
    // The buyer may or may not have been dialled by then.
    if (buyer.sip.heard('INVITE').length > 0) await buyer.sip.done();
    expect(await stage.record(caller)).toMatchObject({ outcome: 'abandoned', cause: 'caller_cancelled' });
  });

  test('CANCEL crossing 200: the buyer who answered gets ACK and BYE', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers-as-cancelled');
    const caller = await stage.caller('caller-cancels', { campaign });
    await caller.sip.received(180);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(buyer.sip.heard('ACK')).toHaveLength(1);
    expect(buyer.sip.heard('BYE')).toHaveLength(1);
    expect(await stage.record(caller)).toMatchObject({
      outcome: 'abandoned',
      cause: 'caller_cancelled',
      connected_at: null,
      revenue: '0.00',
      payout: '0.00',
    });
  });

  test('caller hangs up when bridged', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { campaign });
    await talkToTheEnd(caller, buyer);
    expect(await stage.record(caller)).toMatchObject({
      outcome: 'connected',
      cause: 'caller_hangup',
      revenue: '45.00',
      payout: '30.00',
    });
  });

  test('buyer hangs up', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-hangs-up');
    const caller = await stage.caller('caller-listens', { campaign });
    await buyer.hears('INVITE');
    await caller.hears(200);
    await talk(caller, buyer);
    await buyer.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(await stage.record(caller)).toMatchObject({
      outcome: 'connected',
      cause: 'buyer_hangup',
      revenue: '45.00',
      payout: '30.00',
    });
  });

  test('both at once', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-hangs-up-as-caller-does');
    const caller = await stage.caller('caller-hangs-up-as-buyer-does', { campaign });
    await buyer.hears('INVITE');
    await caller.hears(200);
    await talk(caller, buyer);
    await Promise.all([caller.sip.cue(), buyer.sip.cue()]);
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    const record = await stage.record(caller);
    expect(record).toMatchObject({
      outcome: 'connected',
      revenue: '45.00',
      payout: '30.00',
      margin: '15.00',
    });
    expect(['caller_hangup', 'buyer_hangup']).toContain(record.cause);
  });

  test('greatest call length: the switch hangs up on both', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-listens', { campaign });
    await buyer.hears('INVITE');
    await caller.hears(200);
    const silence = [caller.rtp.sayAlways(new Int16Array(8000)), buyer.rtp.sayAlways(new Int16Array(8000))];
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    for (const stop of silence) stop();
    const record = await stage.record(caller);
    expect(record).toMatchObject({ outcome: 'connected', cause: 'max_call' });
    expect(record.connected_ms).toBeGreaterThan(6000);
    expect(record.connected_ms).toBeLessThan(9000);
  });
});

test('lost BYE ends by RTP time-out: the caller vanishes, the buyer talks on', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-listens', { campaign: 'anchored' });
  await buyer.hears('INVITE');
  await caller.hears(200);
  await talk(caller, buyer, 500);
  const stop = buyer.rtp.sayAlways(new Int16Array(8000));
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  stop();
  expect(await stage.record(caller)).toMatchObject({ outcome: 'connected', cause: 'rtp_timeout' });
});

test('lost BYE ends by RTP time-out: the buyer vanishes, the caller talks on', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-listens', { campaign: 'anchored' });
  await buyer.hears('INVITE');
  await caller.hears(200);
  await talk(caller, buyer, 500);
  const stop = caller.rtp.sayAlways(new Int16Array(8000));
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  stop();
  expect(await stage.record(caller)).toMatchObject({ outcome: 'connected', cause: 'rtp_timeout' });
});
