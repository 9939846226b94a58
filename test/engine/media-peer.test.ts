import { afterEach, expect, it } from 'vitest';
import { RtpPeer } from '../support/rtp-peer.ts';
import { dominant, silence, sine, toneLevel } from '../support/tone.ts';

const peers: RtpPeer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

it('tells tones from each other and from silence', () => {
  expect(toneLevel(sine(440, 20), 440)).toBeGreaterThan(0.9);
  expect(toneLevel(sine(440, 20), 880)).toBeLessThan(0.1);
  expect(toneLevel(sine([350, 440], 500), 440)).toBeCloseTo(0.5, 1);
  expect(toneLevel(silence(20), 440)).toBe(0);
  expect(dominant(sine(1004, 100))).toBe(1000);
  expect(dominant(silence(100))).toBeUndefined();
});

it('two RTP peers hear each other: tones of both laws, digits of different payload types', async () => {
  const [one, other] = await Promise.all([RtpPeer.open({ codec: 'PCMA' }), RtpPeer.open()]);
  peers.push(one, other);
  one.follow(other.sdp());
  other.follow(one.sdp());
  const stop = one.sayAlways(sine(600, 1000));
  await Promise.all([
    other.heard({ freq: 600, forMs: 300 }),
    one.heard({ freq: [350, 440], forMs: 200 }),
    other.say(sine([350, 440], 400)),
  ]);
  await expect(other.heard({ freq: 900, forMs: 100, withinMs: 200 })).rejects.toThrow('900 Hz');
  stop();
  await one.press('1#9');
  await other.heardDigits('1#9');
  expect(other.digitEvents[0]).toMatchObject({ payloadType: 101, endPackets: 3, duration: 960 });
});
