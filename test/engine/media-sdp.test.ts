import { describe, expect, it } from 'vitest';
import { LocalDescription, type Negotiated } from '../../src/embedded/media/sdp.ts';

const local = { host: '127.0.0.1', port: 20_000 };

function offer(media: string, connection = 'c=IN IP4 192.0.2.7'): string {
  return ['v=0', 'o=far 1 1 IN IP4 192.0.2.7', 's=-', connection, 't=0 0', media, ''].join('\r\n');
}

function terms(negotiated: Negotiated) {
  if (!negotiated.ok) expect.fail(negotiated.reason);
  return negotiated.terms;
}

function body(negotiated: Negotiated): string {
  if (!negotiated.ok) expect.fail(negotiated.reason);
  return negotiated.body;
}

describe('the answerer', () => {
  it('takes the first of the offered codecs that it has, with the offered payload types', () => {
    const answer = new LocalDescription(local).answer(
      offer('m=audio 4000 RTP/AVP 18 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30'),
    );
    expect(terms(answer)).toEqual({
      law: 'PCMA',
      payloadType: 8,
      dtmfPayloadType: 96,
      remote: { host: '192.0.2.7', port: 4000 },
      direction: 'sendrecv',
    });
    expect(body(answer)).toMatch(/^m=audio 20000 RTP\/AVP 8 96\r$/m);
    expect(body(answer)).toMatch(/^a=fmtp:96 0-15\r$/m);
  });

  it('takes a dynamic payload type for G.711, and a lone one', () => {
    const dynamic = new LocalDescription(local).answer(
      offer('m=audio 4000 RTP/AVP 100\r\na=rtpmap:100 pcmu/8000'),
    );
    expect(terms(dynamic)).toMatchObject({ law: 'PCMU', payloadType: 100, dtmfPayloadType: undefined });
    expect(terms(new LocalDescription(local).answer(offer('m=audio 4000 RTP/AVP 0')))).toMatchObject({
      payloadType: 0,
    });
  });

  it.each([
    ['no codec of ours', offer('m=audio 4000 RTP/AVP 18 9')],
    ['G.711 at another rate', offer('m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 PCMU/16000')],
    ['SRTP', offer('m=audio 4000 RTP/SAVP 0')],
    ['no audio', offer('m=video 4000 RTP/AVP 31')],
    ['audio refused', offer('m=audio 0 RTP/AVP 0')],
    ['a payload type past 127', offer('m=audio 4000 RTP/AVP 300\r\na=rtpmap:300 PCMU/8000')],
    ['a payload type below 0', offer('m=audio 4000 RTP/AVP -1\r\na=rtpmap:-1 PCMU/8000')],
  ])('has no common codec with %s', (_what, text) => {
    expect(new LocalDescription(local).answer(text)).toEqual({ ok: false, reason: 'no_common_codec' });
  });

  it.each([
    '',
    'hello',
    '{"v":0}',
    'v=0\r\n',
    ...['70000', '-1', '1.5', 'NaN', ''].map((port) => offer(`m=audio ${port} RTP/AVP 0`)),
    offer('m=audio 4000 RTP/AVP 0\r\nm=video 65536 RTP/AVP 31'),
  ])('does not take %j for a description', (text) => {
    expect(new LocalDescription(local).answer(text)).toEqual({ ok: false, reason: 'malformed' });
  });

  it('keeps the place of a section that it refuses', () => {
    const answer = body(
      new LocalDescription(local).answer(offer('m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0')),
    );
    expect(answer.match(/^m=.*$/gm)).toEqual(
      ['m=video 0 RTP/AVP 31\r', 'm=audio 20000 RTP/AVP 0\r'].map((line) => line.trim()),
    );
  });

  it.each([
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
    ['sendrecv', 'sendrecv'],
  ])('mirrors %s as %s', (theirs, ours) => {
    const answer = new LocalDescription(local).answer(offer(`m=audio 4000 RTP/AVP 0\r\na=${theirs}`));
    expect(terms(answer).direction).toBe(ours);
    expect(body(answer)).toContain(`a=${ours}`);
  });

  it('takes 0.0.0.0 for a far end that is not to be sent to', () => {
    const answer = new LocalDescription(local).answer(offer('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'));
    expect(terms(answer).remote).toBeUndefined();
  });

  it('keeps its session id, and raises the version when, and only when, the description changes', () => {
    const description = new LocalDescription(local);
    const origin = (one: Negotiated) => /^o=\S+ (\d+) (\d+) /m.exec(body(one))!.slice(1).map(Number);
    const plain = offer('m=audio 4000 RTP/AVP 0');
    const [id, version] = origin(description.answer(plain));
    expect(origin(description.answer(offer('m=audio 4002 RTP/AVP 0')))).toEqual([id, version]);
    expect(origin(description.answer(offer('m=audio 4002 RTP/AVP 0\r\na=sendonly')))).toEqual([
      id,
      version! + 1,
    ]);
    expect(origin(description.answer(plain))).toEqual([id, version! + 2]);
    expect(description.answer(offer('m=audio 4000 RTP/AVP 18')).ok).toBe(false);
    expect(origin(description.answer(plain))).toEqual([id, version! + 2]);
  });

  it('takes its own offer, come back in an ACK, for no address', () => {
    const description = new LocalDescription(local);
    const echo = description.offer().replace('a=sendrecv', 'a=recvonly');
    expect(terms(description.accept(echo))).toMatchObject({
      remote: undefined,
      direction: 'sendonly',
      law: 'PCMU',
    });
  });
});
