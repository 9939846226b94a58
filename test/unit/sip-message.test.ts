import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/embedded/sip/message/address.ts';
import { Headers } from '../../src/embedded/sip/message/headers.ts';
import { SipRequest, SipResponse } from '../../src/embedded/sip/message/message.ts';
import { limits, parseMessage } from '../../src/embedded/sip/message/parse.ts';
import { parseUri } from '../../src/embedded/sip/message/uri.ts';
import { parseVia, withSource } from '../../src/embedded/sip/message/via.ts';

const lines = (...text: string[]) => Buffer.from(text.join('\r\n'), 'latin1');

const plain = [
  'OPTIONS sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1',
  'From: <sip:a@example.com>;tag=1',
  'To: <sip:b@example.com>',
  'Call-ID: c1',
  'CSeq: 1 OPTIONS',
];

function request(...text: string[]): SipRequest {
  const parsed = parseMessage(lines(...text));
  if (!parsed.ok) throw new Error(parsed.reason);
  expect(parsed.message).toBeInstanceOf(SipRequest);
  return parsed.message as SipRequest;
}

/** Nasty but valid, in the manner of RFC 4475. */
describe('a tortuous but valid message', () => {
  it('with folds, compact names, odd spacing and odd case reads like a plain one', () => {
    const message = request(
      'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
      'TO :',
      ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
      'f   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
      '  ;',
      '  tag = 98asjd8',
      'MaX-fOrWaRdS: 0068',
      'i: wsinv.ndaksdj@192.0.2.1',
      'cseq: 0009',
      '  INVITE',
      'v:  SIP  / 2.0  / UDP',
      '    192.0.2.2;branch=390skdjuw , SIP / 2.0 / TCP spindle.example.com ; branch = z9hG4bK9ikj8 ,',
      'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam = newvalue',
      'NewFangledHeader:   newfangled value',
      ' continued newfangled value',
      'l: 3',
      '',
      'v=0rest that is not ours',
    );
    expect(message.toTag).toBe('1918181833n');
    expect(message.fromTag).toBe('98asjd8');
    expect(message.from!.display).toBe('"J Rosenberg \\\\\\""');
    expect(message.cseq).toEqual({ seq: 9, method: 'INVITE' });
    expect(message.callId).toBe('wsinv.ndaksdj@192.0.2.1');
    expect(message.topVia).toMatchObject({ protocol: 'UDP', host: '192.0.2.2' });
    expect(message.headers.list('via')).toHaveLength(2);
    expect(message.contact!.uri).toBe('sip:jdrosen@example.com');
    expect(message.headers.get('newfangledheader')).toBe('newfangled value continued newfangled value');
    expect(message.body.toString()).toBe('v=0');
    expect(message.toBuffer().toString()).toContain('\r\nCall-ID: wsinv');
  });

  it('may use every character of a token in its method and tag', () => {
    const method = "!interesting-Method0123456789_*+`.%indeed'~";
    const message = request(...plain.map((line) => line.replace('OPTIONS', method)), '', '');
    expect(message.method).toBe(method);
  });

  it('may hide separators in quotes, in brackets and in the user part', () => {
    const from = '"A < , ; > B" <sip:user;par=u%40example.net@example.com;x=1,2>;tag=t';
    const message = request(
      ...plain.map((line) => (line.startsWith('From') ? `From: ${from}` : line)),
      '',
      '',
    );
    expect(message.fromTag).toBe('t');
    expect(parseUri(message.from!.uri)).toMatchObject({
      user: 'user;par=u%40example.net',
      host: 'example.com',
    });
  });

  it('keeps bytes that are no ASCII, and what it does not know, as they came', () => {
    const text = Buffer.concat([
      lines(...plain, 'X-Name:   J\u00f6rg  ', 'Subject: '),
      Buffer.from([0xe2, 0x82, 0xac]),
      lines('', '', ''),
    ]);
    const parsed = parseMessage(text);
    expect(parsed.ok && parsed.message.toBuffer()).toEqual(text);
  });

  it('may have lines that end in LF alone, and blank lines before it', () => {
    const parsed = parseMessage(Buffer.from(`\r\n\r\n${plain.join('\n')}\n\nbody`));
    expect(parsed.ok && parsed.message.body.toString()).toBe('body');
  });

  it('may have tabs where there may be blanks', () => {
    const parsed = parseMessage(lines('SIP/2.0 200 All\tright', ...plain.slice(1), 'Subject:\ta\tb', '', ''));
    expect(parsed.ok && parsed.message).toMatchObject({ reason: 'All\tright' });
  });

  it('may be a response without a reason', () => {
    const parsed = parseMessage(lines('SIP/2.0 200 ', ...plain.slice(1), '', ''));
    expect(parsed.ok && parsed.message).toMatchObject({ status: 200, reason: '' });
  });
});

describe('a malformed message', () => {
  const without = (name: string) => plain.filter((line) => !line.startsWith(name));
  const cases: [string, string[], boolean][] = [
    ['no start line', ['hello'], false],
    ['an unknown version', ['OPTIONS sip:a SIP/7.0', ...plain.slice(1)], false],
    ['spaces in the request URI', ['OPTIONS sip:a b@c SIP/2.0', ...plain.slice(1)], false],
    ['no Via', without('Via'), false],
    ['no From', without('From'), true],
    ['a From without a URI', plain.map((line) => (line.startsWith('From') ? 'From: "nobody"' : line)), true],
    ['an unclosed bracket', plain.map((line) => (line.startsWith('To') ? 'To: <sip:b@c' : line)), true],
    ['no Call-ID', without('Call-ID'), true],
    ['a CSeq of another method', plain.map((line) => line.replace('1 OPTIONS', '1 INVITE')), true],
    [
      'a CSeq past 32 bits',
      plain.map((line) => line.replace('1 OPTIONS', '36893488147419103232 OPTIONS')),
      true,
    ],
    ['a header without a name', [...plain, ': value'], true],
    ['a line without a colon', [...plain, 'nothing'], true],
    ['a bare CR in a header', [...plain, 'X: a\rB: c'], true],
    ['a NUL in the request URI', ['OPTIONS sip:b\0b@example.com SIP/2.0', ...plain.slice(1)], true],
    ['an escape in the request URI', ['OPTIONS sip:b\x1b[2J@example.com SIP/2.0', ...plain.slice(1)], true],
    ['a NUL in the reason', ['SIP/2.0 200 O\0K', ...plain.slice(1)], false],
    ['a bell in the reason', ['SIP/2.0 200 O\x07K', ...plain.slice(1)], false],
    ['an escape in a header', [...plain, 'Subject: \x1b[2J'], true],
    ['a negative Content-Length', [...plain, 'Content-Length: -1'], true],
    ['a Content-Length past the end', [...plain, 'Content-Length: 99'], true],
    ['too many headers', [...plain, ...Array.from({ length: limits.headers }, () => 'X: 1')], false],
  ];
  it.each(cases)('with %s is told apart, and answerable where it can be', (_, text, answerable) => {
    const parsed = parseMessage(lines(...text, '', ''));
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.answerable !== null).toBe(answerable);
  });

  it('of any bytes is never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseMessage(Buffer.from(bytes))),
    );
  });

  it('made by changing a good one is never an exception, and reads the same once written', () => {
    const good = lines(...plain, 'Contact: "x" <sip:a@b;c=d>;e=f', '', 'body').toString('latin1');
    const edit = fc.tuple(fc.nat(good.length), fc.nat(8), fc.string({ maxLength: 5, unit: 'binary-ascii' }));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 4 }), (edits) => {
        let text = good;
        for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        const parsed = parseMessage(Buffer.from(text, 'latin1'));
        if (!parsed.ok) return;
        const { message } = parsed;
        expect(() => [
          message.from,
          message.to,
          message.contact,
          message.topVia,
          message.headers.list('route'),
        ]).not.toThrow();
        const again = parseMessage(message.toBuffer());
        expect(again.ok && again.message.startLine).toBe(message.startLine);
      }),
    );
  });
});

describe('what we write', () => {
  it('never lets a value start another header', () => {
    expect(() => new Headers().append('X', 'a\r\nY: b')).toThrow('line break');
    expect(() => new Headers().append('X\nY', 'a')).toThrow('line break');
  });

  it('copies into a response what ties it to its request', () => {
    const response = SipResponse.to(request(...plain, '', ''), 404).setBody('');
    expect(response.toBuffer().toString()).toBe(
      lines('SIP/2.0 404 Not Found', ...plain.slice(1), 'Content-Length: 0', '', '').toString(),
    );
  });
});

describe('small grammars', () => {
  it.each([
    ['sip:a@b', { user: 'a', host: 'b', port: undefined }],
    ['sips:b:5061;transport=tcp?x=y', { user: undefined, host: 'b', port: 5061 }],
    ['sip:a:pw@[2001:db8::1]:5070', { user: 'a:pw', host: '2001:db8::1', port: 5070 }],
    ['sip:+1(800)555@b', { user: '+1(800)555', host: 'b' }],
  ])('reads %s', (text, expected) => expect(parseUri(text)).toMatchObject(expected));

  it.each(['tel:+1800', 'sip:', 'sip:a@', 'sip:a@b:0', 'sip:a@b:99999', 'sip:a@b c', 'mailto:a@b'])(
    'refuses %s',
    (text) => expect(parseUri(text)).toBeNull(),
  );

  it('leaves parameters outside brackets to the header', () => {
    expect(parseAddress('sip:a@b;tag=1')).toMatchObject({ uri: 'sip:a@b', params: new Map([['tag', '1']]) });
    expect(parseAddress('<sip:a@b;lr>;tag=1')).toMatchObject({
      uri: 'sip:a@b;lr',
      params: new Map([['tag', '1']]),
    });
  });

  it('notes where a request came from, as RFC 3581 asks', () => {
    const note = (text: string, host: string) => withSource(parseVia(text)!, text, host, 9);
    expect(note('SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z', '192.0.2.1')).toBe(
      'SIP/2.0/UDP 10.0.0.1:5060;rport=9;branch=z;received=192.0.2.1',
    );
    expect(note('SIP/2.0/UDP 10.0.0.1;branch=z', '10.0.0.1')).toBe('SIP/2.0/UDP 10.0.0.1;branch=z;rport=9');
  });
});
