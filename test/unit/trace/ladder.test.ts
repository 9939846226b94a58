import { describe, expect, it } from 'vitest';
import { ladder } from '../../../src/trace/ladder.ts';
import { sdpInWords, sipInWords } from '../../../src/trace/sip-in-words.ts';
import type { MessageView, TraceView } from '../../../src/trace/view.ts';

const sdp = [
  ...['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', 'c=IN IP4 10.0.0.1', 't=0 0', 'm=audio 4000 RTP/AVP 0 8 101'],
  ...['a=rtpmap:101 telephone-event/8000', 'a=sendonly', ''],
].join('\r\n');

const message = (
  leg: number,
  direction: MessageView['direction'],
  start: string,
  body = '',
  by_server: MessageView['by_server'] = null,
): MessageView => ({
  ...{ at_ms: 12.5, leg, direction, transport: 'udp', address: '127.0.0.1:5081', by_server },
  text: [start, 'Call-ID: a@b', 'CSeq: 7 INVITE', '', body].join('\r\n'),
});

const trace = (messages: readonly MessageView[], legs = ['a@b', 'c@d']): TraceView => ({
  ...{ call: 'f00', began_at: '2026-01-01T00:00:00.000Z', legs, messages, left_out: 0 },
});

describe('a ladder', () => {
  it('has an arrow for each message, between the posts that it went between', () => {
    const lines = ladder(
      trace([
        message(0, 'received', 'INVITE sip:1@x SIP/2.0', sdp),
        message(1, 'sent', 'INVITE sip:2@y SIP/2.0', sdp),
        message(1, 'received', 'SIP/2.0 200 OK'),
        message(0, 'sent', 'SIP/2.0 200 OK'),
      ]),
    );
    const blank = ' '.repeat(50);
    const said = 'INVITE (7) · SDP PCMU PCMA te 10.0.0.1:4000…';
    expect(lines).toEqual([
      'call f00 · 2026-01-01T00:00:00.000Z',
      '  carrier  udp:127.0.0.1:5081 · Call-ID a@b',
      '  buyer 1  sip:2@y · Call-ID c@d',
      '',
      expect.stringMatching(/^ {7}ms {2}carrier +tollbridge +buyer$/),
      `     12.5  │─ ${said} ──▶│${blank}│`,
      `     12.5  │${blank}│─ ${said} ──▶│`,
      `     12.5  │${blank}│◀${'─'.repeat(29)} 200 OK (7 INVITE) ─│`,
      `     12.5  │◀${'─'.repeat(29)} 200 OK (7 INVITE) ─│${blank}│`,
    ]);
    for (const line of lines.slice(5)) expect(line).toHaveLength(114);
  });

  it('has no arrow for what went over no wire', () => {
    const lines = ladder(
      trace([
        message(1, 'sent', 'CANCEL sip:2@y SIP/2.0', '', 'held'),
        message(1, 'received', 'SIP/2.0 408 Request Timeout', '', 'no_answer'),
        message(1, 'received', 'SIP/2.0 503 Service Unavailable', '', 'not_sent'),
      ]),
      { full: true },
    ).filter((line) => line.includes('│'));
    const notes = ['(CANCEL held until an answer comes)', '(no answer to 7 INVITE)'];
    const blank = ' '.repeat(50);
    expect(lines).toEqual(
      [...notes, '(could not be sent: 7 INVITE)'].map((said) => `     12.5  │${blank}│  ${said.padEnd(48)}│`),
    );
  });

  it('numbers the attempts where there are several', () => {
    const lines = ladder(
      trace(
        [
          message(1, 'received', 'SIP/2.0 486 Busy'),
          message(2, 'received', 'SIP/2.0 200 OK'),
          message(0, 'sent', 'SIP/2.0 200 OK'),
        ],
        ['a', 'b', 'c'],
      ),
    );
    expect(lines.slice(-3).map((line) => line.slice(114))).toEqual([' 1', ' 2', '']);
  });

  it('prints messages in full when asked, and nothing that steers a terminal', () => {
    const nasty = message(0, 'received', 'INVITE sip:\u001b[31m@x SIP/2.0', 'v=0\r\na=\u202Ex');
    const [first, ...others] = ladder(trace([nasty]), { full: true });
    expect(first).toBe('call f00 · 2026-01-01T00:00:00.000Z');
    expect(others.join('\n')).toContain('           CSeq: 7 INVITE');
    expect(others.join('')).not.toMatch(/[\p{Cc}\u202E]/u);
  });

  it('of a call that was turned away says so, and how much was not kept', () => {
    const lines = ladder({
      ...trace([message(0, 'received', 'INVITE sip:1@x SIP/2.0')], ['a']),
      call: null,
      left_out: 3,
    });
    expect(lines[0]).toMatch(/^turned away · /);
    expect(lines.at(-1)).toBe('3 more messages were not kept');
  });
});

describe('SIP in words', () => {
  it.each([
    ['BYE sip:x SIP/2.0\r\nCSeq: 2 BYE\r\n\r\n', { what: 'BYE', cseq: '2 BYE', sdp: null }],
    ['SIP/2.0 180 Ringing\r\ncseq : 1 INVITE\r\n\r\n', { what: '180 Ringing', cseq: '1 INVITE', sdp: null }],
    ['SIP/2.0 200 \r\n\r\n', { what: '200', cseq: '', sdp: null }],
    ['', { what: '', cseq: '', sdp: null }],
  ])('%j', (text, words) => {
    expect(sipInWords(text)).toEqual(words);
  });

  it.each([
    [sdp, 'SDP PCMU PCMA te 10.0.0.1:4000 sendonly'],
    ['v=0\r\nm=audio 9 RTP/AVP 96\r\nc=IN IP6 ::1\r\na=rtpmap:96 opus/48000/2\r\n', 'SDP opus ::1:9'],
    ['v=0\r\nm=image 9 udptl t38\r\n', 'SDP without audio'],
    ['v=0\r\nm=audio 9 RTP/AVP 99\r\n', 'SDP 99 ?:9'],
  ])('%j', (text, words) => {
    expect(sdpInWords(text)).toBe(words);
  });
});
