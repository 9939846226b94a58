import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSdp, sdpIn } from '../../../src/sdp/sdp-in-body.ts';

const sdp =
  'v=0\r\no=far 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const isup =
  'Content-Type: application/ISUP;version=itu-t\r\nContent-Disposition: signal\r\n\r\n\x01\x11\x60';
const described = `Content-Type: application/sdp\r\nContent-Disposition: session\r\n\r\n${sdp}`;

const mixed = (parts: readonly string[], boundary = 'unique-1', around = ['', '']) =>
  `${around[0] ?? ''}${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n${around[1] ?? ''}`;

describe('the session description of a body', () => {
  test.each<[string, string]>([
    ['that is one', sdp],
    ['that wraps it alone', mixed([described])],
    ['behind an attachment', mixed([isup, described])],
    ['before an attachment', mixed([described, isup])],
    [
      'with a preamble and an epilogue',
      mixed([isup, described], 'b', ['A preamble.\r\n', 'An epilogue.\r\n']),
    ],
    ['in a part that says so in other letters', mixed([described.replace('Content-Type', 'CONTENT-TYPE ')])],
    [
      'wrapped twice',
      mixed([isup, `Content-Type: multipart/alternative;boundary=in\r\n\r\n${mixed([described], 'in')}`]),
    ],
    ['whose end is missing', `--b\r\n${described}`],
  ])('%s', (_where, body) => {
    expect(sdpIn(body)).toBe(sdp);
  });

  test.each<[string, string]>([
    ['of nothing', ''],
    ['of a text', 'hello'],
    ['of an attachment alone', mixed([isup])],
    ['of a part that is no SDP, whatever it says', mixed(['Content-Type: application/sdp\r\n\r\nhello'])],
    ['of a part that does not say what it is', mixed([`Content-Disposition: session\r\n\r\n${sdp}`])],
    ['of a text that looks like one', mixed([`Content-Type: text/plain\r\n\r\n${sdp}`])],
    ['of a head without an end', `--b\r\nContent-Type: application/sdp\r\n${sdp}`],
    ['of a hundred parts', mixed([...Array.from({ length: 100 }, () => isup), described])],
    [
      'wrapped too deep',
      ['d', 'c', 'b', 'a'].reduce(
        (body, boundary) => mixed([`Content-Type: multipart/mixed\r\n\r\n${body}`], boundary),
        mixed([described], 'e'),
      ),
    ],
  ])('is none: %s', (_where, body) => {
    expect(sdpIn(body)).toBeNull();
  });

  test.each<[string, string]>([
    ['with lines of any type', `${sdp}a=x:\xff y=z\r\nX=\r\n`],
    ['without an end of its last line', sdp.trimEnd()],
    ['with ends of lines of one character', sdp.replaceAll('\r\n', '\n')],
    ['with empty lines at its end', `${sdp}\r\n\r\n`],
  ])('is one %s', (_what, body) => {
    expect(sdpIn(body)).toBe(body);
  });

  test.each<[string, string]>([
    ['of a text behind it', `${sdp}BYE sip:x SIP/2.0\r\n`],
    ['of a message behind an empty line', `${sdp}\r\nBYE sip:x SIP/2.0\r\n`],
    ['of a NUL', `${sdp}a=x\0y\r\n`],
    ['of an end of line that is none', `${sdp}a=x\rb=y\r\n`],
    ['of a line without a type', `${sdp}=x\r\n`],
    ['of a part with a text behind it', mixed([`${described}hello\r\n`])],
  ])('is none with more than that in it: %s', (_what, body) => {
    expect(sdpIn(body)).toBeNull();
  });

  test('is one, or none, of whatever comes', () => {
    const piece = fc.constantFrom(
      '--',
      '--b',
      '\r\n',
      'Content-Type: application/sdp',
      sdp,
      'multipart/mixed',
      ' ',
      ':',
    );
    const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 });
    fc.assert(
      fc.property(text, (pieces) => {
        const found = sdpIn(pieces.join(''));
        expect(found === null || isSdp(found)).toBe(true);
      }),
    );
  });

  test('is not looked for longer than the body is long', () => {
    const began = performance.now();
    for (const hostile of [
      '--\r\n'.repeat(15_000),
      `--b\r\n${'a:b\r\n'.repeat(12_000)}`,
      '-'.repeat(60_000),
      `--b${' '.repeat(60_000)}`,
      `v=0\r\n${'a=b\r\n'.repeat(12_000)}x`,
      `v=0\r\n${'\r\n'.repeat(30_000)}x`,
      `v=0\r\na=${'='.repeat(60_000)}\0`,
    ])
      expect(sdpIn(hostile)).toBeNull();
    // Quadratic, these took minutes.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
