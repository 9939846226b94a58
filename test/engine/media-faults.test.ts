import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Channel } from '../../src/embedded/media/channel/channel.ts';
import { FrameReader } from '../../src/embedded/media/event-socket/frames.ts';
import { RtpSession } from '../../src/embedded/media/rtp-session.ts';
import type { SipResponse } from '../../src/embedded/sip/stack.ts';
import { Replay, type Leg } from '../contract/freeswitch-replay.ts';
import { sine } from '../support/tone.ts';

/** Where one channel meets a bug of ours, or a far end's nonsense, the others go on. */
let replay: Replay;
let victim: Leg;
let other: Leg;

beforeEach(async () => {
  replay = await Replay.open();
  victim = await replay.leg('00000000-0000-4000-8000-000000000001');
  other = await replay.leg('00000000-0000-4000-8000-000000000002');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await replay.close();
});

const hungUp = () =>
  expect
    .poll(() => ({ byes: victim.byes.length, ...replay.media.stats() }), { timeout: 5000 })
    .toMatchObject({ byes: 1, channels: 1, rtpSockets: 1, defects: 1 });

/** The other channel still is what it was: it says something that is heard, and it is answered. */
async function otherGoesOn(): Promise<void> {
  other.wire.send('connect\n\n');
  expect(await other.wire.next('reply', 2000)).toBeDefined();
  other.wire.send(
    'sendmsg\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: tone_stream://%(3000,0,440)\n\n',
  );
  await other.peer.heard({ freq: 440 });
  expect(other.byes).toEqual([]);
}

/** The status that a re-INVITE of the victim gets. */
async function reInvite(body: string): Promise<number> {
  return await new Promise((resolve) => {
    const response = (one: SipResponse) => {
      if (one.status >= 200) resolve(one.status);
    };
    victim.dialog.request('INVITE', { body, contentType: 'application/sdp' }, { response });
  });
}

describe('a re-INVITE', () => {
  it.each<[string, RegExp, string, number]>([
    ['a port past 65535', /audio \d+/, 'audio 70000', 400],
    ['a port that is no number', /audio \d+/, 'audio x', 400],
    ['port 0', /audio \d+/, 'audio 0', 488],
    ['a payload type past 127', /AVP 0 101[^]*/, 'AVP 300\r\na=rtpmap:300 PCMU/8000\r\n', 488],
  ])('with %s is refused, and the call goes on as it was', async (_what, from, to, status) => {
    const body = victim.peer.sdp().replace(from, to);
    expect(await reInvite(body)).toBe(status);
    const before = victim.peer.packets.length;
    await victim.peer.until(() => victim.peer.packets.length > before + 5);
    // What the far end says is taken in, too: the answer to it must find its way.
    await victim.peer.say(sine(440, 60));
    expect(replay.media.stats()).toMatchObject({ channels: 2, defects: 0 });
    await otherGoesOn();
  });
});

describe('an exception', () => {
  /** The channel that the first mocked call is about; later ones of others go through. */
  function failsOnce(method: 'onDigit' | 'onAudio' | 'tick'): void {
    vi.spyOn(Channel.prototype, method).mockImplementationOnce(() => {
      throw new Error('a bug');
    });
  }

  it('on the way of an RTP packet ends that channel alone', async () => {
    failsOnce('onAudio');
    await victim.peer.say(sine(440, 20));
    await hungUp();
    await otherGoesOn();
  });

  it('in a SIP request ends that channel alone, and the request is answered', async () => {
    failsOnce('onDigit');
    const status = await new Promise<number>((resolve) => {
      const content = { body: 'Signal=5\r\n', contentType: 'application/dtmf-relay' };
      victim.dialog.request('INFO', content, { response: (one) => resolve(one.status) });
    });
    expect(status).toBe(200);
    await hungUp();
    await otherGoesOn();
  });

  it('in an answer that comes by re-INVITE ends that channel alone', async () => {
    vi.spyOn(RtpSession.prototype, 'agree').mockImplementationOnce(() => {
      throw new Error('a bug');
    });
    expect(await reInvite(victim.peer.sdp())).toBe(500);
    await hungUp();
    await otherGoesOn();
  });

  it('in a frame of the clock ends that channel alone', async () => {
    failsOnce('tick');
    await hungUp();
    await otherGoesOn();
  });

  it('in what a controller sends ends its channel alone', async () => {
    vi.spyOn(FrameReader.prototype, 'push').mockImplementationOnce(() => {
      throw new Error('a bug');
    });
    victim.wire.send('connect\n\n');
    await hungUp();
    await otherGoesOn();
  });

  it('in telling of a channel, even of its end, gives back what it held', async () => {
    vi.spyOn(Channel.prototype, 'publish').mockImplementation(() => {
      throw new Error('a bug');
    });
    victim.dialog.request('BYE', {}, { response: () => undefined });
    await expect
      .poll(() => replay.media.stats(), { timeout: 5000 })
      .toMatchObject({ channels: 1, rtpSockets: 1 });
    expect(replay.media.stats().defects).toBeGreaterThan(0);
    vi.restoreAllMocks();
    await otherGoesOn();
  });

  it('in answering an INVITE gives its RTP port back', async () => {
    vi.spyOn(Channel.prototype, 'agree').mockImplementationOnce(() => {
      throw new Error('a bug');
    });
    await expect(replay.leg('00000000-0000-4000-8000-000000000003')).rejects.toThrow('500');
    await expect
      .poll(() => replay.media.stats(), { timeout: 5000 })
      .toMatchObject({ channels: 2, rtpSockets: 2, defects: 1 });
    await otherGoesOn();
  });
});
