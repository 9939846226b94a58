import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sine } from '../support/tone.ts';
import { MediaStage } from './support/media-stage.ts';

let stage: MediaStage;
beforeEach(async () => {
  stage = await MediaStage.open();
});
afterEach(async () => {
  await stage.close();
});

describe('an endpoint', () => {
  it('plays a tone that its far end hears, and is released', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const [event] = await Promise.all([
      endpoint.execute('playback', 'tone_stream://%(500,500,440)'),
      peer.heard({ freq: 440, forMs: 400 }),
    ]);
    expect(event.getHeader('Application-Response')).toBe('FILE PLAYED');
    expect(event.getHeader('variable_playback_ms')).toBe('1000');
    await endpoint.destroy();
    await expect
      .poll(() => stage.media.stats(), { timeout: 10_000 })
      .toMatchObject({ channels: 0, rtpSockets: 0, eventSockets: 1, sipDialogs: 0, defects: 0 });
  });

  it('bridges', async () => {
    const one = await stage.endpoint();
    const other = await stage.endpoint({ codec: 'PCMA', dtmfPayloadType: 96 });
    await one.endpoint.bridge(other.endpoint);
    const stop = one.peer.sayAlways(sine(600, 1000));
    const stop2 = other.peer.sayAlways(sine(900, 1000));
    await Promise.all([
      other.peer.heard({ freq: 600, forMs: 400 }),
      one.peer.heard({ freq: 900, forMs: 400 }),
    ]);
    stop();
    stop2();
    await one.peer.press('12#');
    await other.peer.heardDigits('12#');
    expect(other.peer.digitEvents).toMatchObject([{ payloadType: 96, endPackets: 3 }, {}, {}]);
    expect(stage.log).toEqual([]);
  });
});
