import { expect, test } from 'vitest';
import { talk, talkToTheEnd, useSwitch } from '../support/stage.ts';
import { ringback, tones } from '../support/switch-config.ts';
import { toneLevel } from '../support/tone.ts';

const menu = {
  menu: {
    play: 'prompts/menu.wav',
    timeout: '1s',
    tries: 2,
    choices: {
      1: { set: { homeowner: 'yes' }, go: 'route' },
      2: { set: { homeowner: 'no' }, go: 'route' },
      3: { set: { homeowner: 'yes' }, go: 'zip' },
    },
  },
  otherwise: { set: { homeowner: 'unknown' }, go: 'route' },
};
const zip = {
  gather: { play: 'prompts/zip.wav', digits: 5, into: 'zip', timeout: '1s', tries: 2 },
  go: 'route',
  otherwise: 'route',
};

const stage = useSwitch({
  buyers: {
    owners: { accepts: { 'ivr.homeowner': 'yes' }, whisper: 'prompts/whisper.wav' },
    renters: { accepts: { 'ivr.homeowner': 'no' } },
    anyone: { accepts: { 'ivr.homeowner': 'unknown' } },
  },
  ivrs: { solar: { start: 'homeowner', steps: { homeowner: menu, zip } } },
  campaigns: {
    solar: {
      ivr: 'solar',
      payout: [
        { pays: '60%', when: { connected: '>= 1s', 'ivr.homeowner': 'yes' } },
        { pays: '4.50', when: { connected: '>= 1s' } },
      ],
      routing: {
        routes: [
          { buyer: 'owners', priority: 1 },
          { buyer: 'renters', priority: 2 },
          { buyer: 'anyone', priority: 3 },
        ],
      },
    },
  },
});

test('menu with a digit by RFC 4733: prompt, ringing tone, whisper to the buyer, bridge', async () => {
  const buyer = await stage.buyer('owners', 'buyer-answers-on-cue');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu, forMs: 300 });
  await caller.rtp.press('1');
  await buyer.hears('INVITE');
  await caller.rtp.heard({ freq: ringback, forMs: 300 });
  await buyer.sip.cue();
  await buyer.rtp.heard({ freq: tones.whisper, forMs: 300 });
  await talk(caller, buyer);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  const record = await stage.record(caller);
  expect(record).toMatchObject({
    outcome: 'connected',
    cause: 'caller_hangup',
    buyer: 'owners',
    attributes: { 'ivr.homeowner': 'yes' },
    revenue: '45.00',
    payout: '27.00',
    margin: '18.00',
  });
  expect(record.answered_at).not.toBeNull();
  expect(Date.parse(record.connected_at ?? '')).toBeGreaterThan(Date.parse(record.answered_at ?? ''));
});

test('the caller does not hear the whisper', async () => {
  const buyer = await stage.buyer('owners', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.press('1');
  await buyer.hears('INVITE');
  await buyer.rtp.heard({ freq: tones.whisper, forMs: 200 });
  await talk(caller, buyer, 200);
  const leaked = caller.rtp.packets.filter((one) => toneLevel(caller.rtp.pcmOf(one), tones.whisper) > 0.5);
  expect(leaked).toEqual([]);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
});

test('menu with a digit by INFO', async () => {
  const buyer = await stage.buyer('renters', 'buyer-answers');
  const caller = await stage.caller('caller-presses-by-info', { keys: { digit: '2' } });
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu });
  await caller.sip.cue();
  await talkToTheEnd(caller, buyer);
  expect(await stage.record(caller)).toMatchObject({
    buyer: 'renters',
    attributes: { 'ivr.homeowner': 'no' },
    revenue: '45.00',
    payout: '4.50',
    margin: '40.50',
  });
});

test('wrong digit: asked again, then the right one', async () => {
  const buyer = await stage.buyer('renters', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu });
  await caller.rtp.press('9');
  await caller.rtp.heard({ freq: tones.menu, forMs: 700 });
  await caller.rtp.press('2');
  await talkToTheEnd(caller, buyer, { forMs: 200 });
  expect(await stage.record(caller)).toMatchObject({
    buyer: 'renters',
    attributes: { 'ivr.homeowner': 'no' },
  });
});

test('wrong digit at each try: otherwise', async () => {
  const buyer = await stage.buyer('anyone', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu });
  await caller.rtp.press('9');
  await caller.rtp.heard({ freq: tones.menu, forMs: 300 });
  await caller.rtp.press('8');
  await talkToTheEnd(caller, buyer, { forMs: 200 });
  expect(await stage.record(caller)).toMatchObject({
    buyer: 'anyone',
    attributes: { 'ivr.homeowner': 'unknown' },
  });
});

test('silence: the prompt twice, then otherwise', async () => {
  const buyer = await stage.buyer('anyone', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu, forMs: 700 });
  await caller.rtp.heardSilence({ forMs: 700 });
  await caller.rtp.heard({ freq: tones.menu, forMs: 700 });
  await talkToTheEnd(caller, buyer, { forMs: 200 });
  expect(await stage.record(caller)).toMatchObject({
    buyer: 'anyone',
    attributes: { 'ivr.homeowner': 'unknown' },
  });
});

test('gather: five digits after the menu become an attribute', async () => {
  const buyer = await stage.buyer('owners', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu });
  await caller.rtp.press('3');
  await caller.rtp.heard({ freq: tones.zip });
  await caller.rtp.press('75001');
  await talkToTheEnd(caller, buyer, { forMs: 200 });
  expect(await stage.record(caller)).toMatchObject({
    buyer: 'owners',
    attributes: { 'ivr.homeowner': 'yes', 'ivr.zip': '75001' },
  });
});

test('gather: too few digits at each try leave the attribute unset', async () => {
  const buyer = await stage.buyer('owners', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.press('3');
  await caller.rtp.heard({ freq: tones.zip });
  await caller.rtp.press('75');
  await caller.rtp.heard({ freq: tones.zip, forMs: 700 });
  await buyer.hears('INVITE', 12_000);
  await talk(caller, buyer, 200);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  const record = await stage.record(caller);
  expect(record.buyer).toBe('owners');
  expect(record.attributes).not.toHaveProperty(['ivr.zip']);
});

test('caller hangs up in the menu', async () => {
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.heard({ freq: tones.menu });
  await caller.sip.cue();
  await caller.sip.done();
  expect(await stage.record(caller)).toMatchObject({
    outcome: 'abandoned',
    cause: 'caller_hangup',
    attempts: [],
    buyer: null,
    connected_at: null,
    payout: '0.00',
  });
});

test('caller hangs up while a buyer rings, after the menu: the attempt is cancelled', async () => {
  const buyer = await stage.buyer('renters', 'buyer-rings');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.rtp.press('2');
  await caller.rtp.heard({ freq: ringback });
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(await stage.record(caller)).toMatchObject({
    outcome: 'abandoned',
    cause: 'caller_hangup',
    attempts: [{ buyer: 'renters', result: 'cancelled' }],
  });
});
