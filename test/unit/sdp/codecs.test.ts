import { describe, expect, test } from 'vitest';
import { audioCodecs, offersPlainAudio, preferCodec, shareCodec } from '../../../src/sdp/codecs.ts';

const sdp = (...lines: string[]) =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...lines, ''].join('\r\n');

describe('what a caller may offer', () => {
  test.each([
    ['RTP/AVP', sdp('m=audio 4000 RTP/AVP 0'), true],
    ['RTP/AVPF', sdp('m=audio 4000 RTP/AVPF 0'), true],
    ['video and audio', sdp('m=video 4002 RTP/AVP 96', 'm=audio 4000 RTP/AVP 8'), true],
    ['SRTP', sdp('m=audio 4000 RTP/SAVP 0'), false],
    ['WebRTC', sdp('m=audio 4000 UDP/TLS/RTP/SAVPF 111'), false],
    ['video alone', sdp('m=video 4002 RTP/AVP 96'), false],
    ['garbage', 'hello', false],
    ['nothing', '', false],
  ])('%s', (_name, offer, expected) => {
    expect(offersPlainAudio(offer)).toBe(expected);
  });
});

describe('codecs', () => {
  const both = sdp('m=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000');
  test('are told by their names, those of fixed numbers without an rtpmap too', () => {
    expect(audioCodecs(both)).toEqual(['PCMU', 'PCMA']);
    expect(audioCodecs(sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2'))).toEqual(['OPUS']);
    expect(audioCodecs(sdp('m=audio 4000 RTP/AVP 8'))).toEqual(['PCMA']);
  });
  test('the one that the first leg chose is offered first', () => {
    expect(audioCodecs(preferCodec(both, 'PCMA'))).toEqual(['PCMA', 'PCMU']);
    expect(preferCodec(both, 'PCMA')).toContain('RTP/AVP 8 0 101');
    expect(audioCodecs(preferCodec(both, 'G722'))).toEqual(['PCMU', 'PCMA']);
  });
  test('an answer outside of the offer shares none', () => {
    expect(shareCodec(sdp('m=audio 4000 RTP/AVP 0'), sdp('m=audio 4000 RTP/AVP 8'))).toBe(false);
    expect(shareCodec(both, sdp('m=audio 4000 RTP/AVP 8'))).toBe(true);
  });
});
