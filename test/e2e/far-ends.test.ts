import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/ports.ts';
import { RtpPeer } from '../support/rtp-peer.ts';
import { Sipp, type SippOptions } from '../support/sipp.ts';
import { FarEnd, talk } from '../support/stage.ts';

/** The far ends called by each other, without a switch between: what the other suites stand on. */
test('cues lead a call, the trace tells it, tones are found at the other side', async () => {
  const port = await freePort();
  const buyer = await farEnd({ scenario: 'buyer-answers-on-cue', port });
  const caller = await farEnd({ scenario: 'caller-talks', to: { number: '100', host: '127.0.0.1', port } });
  await buyer.hears('INVITE');
  await caller.sip.received(180);
  await buyer.sip.cue();
  await caller.hears(200);
  await talk(caller, buyer, 200);
  await caller.rtp.press('5');
  await buyer.rtp.heardDigits('5');
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  const story = caller.sip.messages.map((one) => `${one.direction} ${one.status ?? one.method}`);
  expect(story).toEqual([
    'sent INVITE',
    'received 180',
    'received 200',
    'sent ACK',
    'sent BYE',
    'received 200',
  ]);
});

test('a scenario that does not come to its end fails, and says what was said', async () => {
  const port = await freePort();
  const buyer = await farEnd({
    scenario: 'buyer-refuses',
    port,
    keys: { status: '486', reason: 'Busy Here' },
  });
  const caller = await farEnd({ scenario: 'caller-talks', to: { number: '100', host: '127.0.0.1', port } });
  await expect(caller.sip.done()).rejects.toThrow(/caller-talks failed[^]*486 Busy Here/);
  await buyer.sip.done();
});

async function farEnd(options: SippOptions): Promise<FarEnd> {
  const rtp = await RtpPeer.open();
  onTestFinished(() => rtp.close());
  const keys = { sdp: rtp.sdp().trimEnd(), from: 'sip:+12145550001@127.0.0.1', ...options.keys };
  const sip = await Sipp.start({ ...options, keys });
  onTestFinished(() => sip.close());
  return new FarEnd(sip, rtp, '+12145550001');
}
