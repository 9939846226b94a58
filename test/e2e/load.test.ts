import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { encode } from '../../src/embedded/media/g711.ts';
import { Sipp } from '../support/sipp.ts';
import { talkToTheEnd, useSwitch } from '../support/stage.ts';
import { tones } from '../support/switch-config.ts';
import { sine } from '../support/tone.ts';

const calls = 200;
const sampled = 3;

/**
 * The RTP time-out makes this honest: a caller's audio goes through the switch to the buyer, who echoes it; a call
 * in which either leg is not carried is ended by the switch within 3 s, and its caller's sipp fails at the BYE.
 */
const stage = useSwitch({
  limits: { rtp_timeout: '3s' },
  buyers: { crowd: {}, sample: {} },
  ivrs: {
    solar: {
      start: 'homeowner',
      steps: {
        homeowner: {
          menu: {
            play: 'prompts/menu.wav',
            timeout: '3s',
            tries: 2,
            choices: { 1: { set: { homeowner: 'yes' }, go: 'route' } },
          },
          otherwise: 'hangup',
        },
      },
    },
  },
  campaigns: {
    crowd: { ivr: 'solar', routing: { routes: [{ buyer: 'crowd' }] } },
    sample: { ivr: 'solar', routing: { routes: [{ buyer: 'sample' }] } },
  },
});

test(
  '200 concurrent calls of 10 s with prompts and bridge: none lost, all back to zero',
  { timeout: 180_000 },
  async () => {
    const tone = new Uint8Array(8000);
    encode('PCMU', sine(tones.caller, 1000), tone);
    const crowd = { calls, callsPerSecond: 15, trace: false, withinMs: 90_000 };
    const buyers = await keep(
      Sipp.start({ ...crowd, scenario: 'buyer-echoes', port: stage.switch.trunkPort('crowd'), echo: true }),
    );
    const callers = await keep(
      Sipp.start({
        ...crowd,
        scenario: 'caller-presses-and-talks',
        to: { ...stage.switch.sip, number: stage.switch.number('crowd') },
        keys: { from: 'sip:+12146239000@127.0.0.1' },
        pause: 16_000,
        files: { 'tone.ulaw': tone },
      }),
    );
    await expect
      .poll(async () => (await stage.switch.metrics()).get('tollbridge_live_calls'), { timeout: 20_000 })
      .toBe(calls);
    for (let n = 0; n < sampled; n++) await sample();
    await Promise.all([callers.done(90_000), buyers.done(90_000)]);
    await expect
      .poll(async () => (await stage.switch.calls()).filter((call) => call.campaign === 'crowd').length, {
        timeout: 20_000,
      })
      .toBe(calls);
    const records = (await stage.switch.calls()).filter((call) => call.campaign === 'crowd');
    for (const record of records)
      expect(record).toMatchObject({
        outcome: 'connected',
        cause: 'caller_hangup',
        buyer: 'crowd',
        revenue: '45.00',
        payout: '30.00',
        margin: '15.00',
      });
    expect(new Set(records.map((record) => record.id)).size).toBe(calls);
    expect(Math.min(...records.map((record) => record.connected_ms ?? 0))).toBeGreaterThan(10_000);
    // Finished transactions stay for their timers: 32 s (RFC 3261 section 17).
    await stage.switch.idle(40_000, 'all');
  },
);

/** One more call amid the crowd, its audio measured at both ends. */
async function sample(): Promise<void> {
  const buyer = await stage.buyer('sample', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'sample' });
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu, forMs: 300 });
  await caller.rtp.press('1');
  await talkToTheEnd(caller, buyer);
  expect(await stage.record(caller)).toMatchObject({ outcome: 'connected', payout: '30.00' });
}

async function keep(starting: Promise<Sipp>): Promise<Sipp> {
  const sipp = await starting;
  onTestFinished(() => sipp.close());
  onTestFailed(async () => console.error(await sipp.story()));
  return sipp;
}
