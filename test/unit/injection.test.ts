/** Nothing that a caller sends or a config says becomes a header, a line of the event socket or another argument. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerIdentity } from '../../src/calls/identity.ts';
import { dtmfRelay } from '../../src/dtmf-relay.ts';
import { parseSipUri } from '../../src/config/values/address.ts';
import { parseTelephone } from '../../src/config/values/telephone.ts';
import { argument } from '../../src/media/freeswitch/argument.ts';
import { normalizeNumber } from '../../src/routing/number.ts';
import { DrachtioDialling } from '../../src/signalling/drachtio/dialling.ts';
import { Link } from '../../src/signalling/drachtio/link.ts';
import type { CreateUacOptions, SrfConnection } from '../../src/signalling/drachtio/srf.ts';

/** Text that tries to break out: line breaks, brackets, quotes and separators, among and around numbers. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '>',
        '<',
        '"',
        "'",
        ';',
        ',',
        '@',
        '%0d%0a',
        ' ',
        '\u2028',
        '\0',
        '&&',
        '||',
      ),
      fc.constantFrom(
        '+12145550111',
        '2145550111',
        'X-Evil: 1',
        'sip:',
        'Route: <sip:evil>',
        'api uuid_kill',
      ),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const e164 = /^\+\d{1,17}$/;

/** What the library is told to send for this caller and this buyer. */
function dialled(from: string | null, number: string): { uri: string; headers: Record<string, string> } {
  let sent: { uri: string; headers: Record<string, string> } | undefined;
  const srf = {
    createUAC: (uri: string, { headers }: CreateUacOptions) => void (sent = { uri, headers }),
  } as unknown as SrfConnection;
  const to = { trunk: 'sip:127.0.0.1:5091', number, from, sdp: 'v=0\r\n', headers: {} };
  new DrachtioDialling(srf, to, new Link());
  if (!sent) throw new Error('nothing was sent');
  return sent;
}

describe('who calls', () => {
  test('is E.164 or nobody, whatever the headers hold; and so is what the buyer is sent', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (from, asserted, privacy) => {
        const headers = new Map([
          ['P-Asserted-Identity', asserted],
          ['Privacy', privacy],
        ]);
        const who = callerIdentity({ from, header: (name) => headers.get(name) }, 'US');
        if (who.from !== null) expect(who.from).toMatch(e164);
        const { headers: sent } = dialled(who.from, '+12145550111');
        for (const value of Object.values(sent)) expect(value).not.toMatch(/[\r\n\0]/);
        expect(sent['Contact']).toMatch(/^<sip:(\+\d{1,17}|anonymous)@localhost>$/);
        expect(sent['From']).toMatch(
          /^(<sip:\+\d{1,17}@localhost>|"Anonymous" <sip:anonymous@anonymous\.invalid>)$/,
        );
      }),
    );
  });
});

describe('what a config dials', () => {
  test('a number is E.164, or a problem', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const read = parseTelephone(text, 'US');
        if (read.ok) expect(read.value).toMatch(e164);
        expect(normalizeNumber(text, 'US') ?? '+1').toMatch(e164);
      }),
    );
  });

  test('the URI of a trunk stays a request line of one URI', () => {
    const tail = fc.tuple(fc.constantFrom('sip:127.0.0.1', 'sip:pbx.example:5060', ''), hostile);
    fc.assert(
      fc.property(tail, ([head, rest]) => {
        const read = parseSipUri(head + rest);
        if (!read.ok) return;
        expect(read.value).toMatch(/^sip:[^\s<>"@;,\0]+$/);
      }),
    );
  });
});

describe('what FreeSWITCH is told', () => {
  test('an argument stays one argument on one line, or is refused', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const written = argument(text);
        if (written === null) {
          expect(text).toMatch(/['$\\\p{Cc}\u2028\u2029]/u);
          return;
        }
        expect(written).not.toMatch(/[\r\n]/);
        // One word, or one in single quotes with none inside.
        expect(written).toMatch(/^([^\s']*|'[^']*')$/);
      }),
    );
  });

  test('a key is one key', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constantFrom(...'0123456789ABCD*#'.match(/./g)!)), (text) => {
        const info = dtmfRelay(text);
        expect(info === null).toBe(!/^[0-9A-D*#]$/.test(text));
        if (info) expect(info.body).toBe(`Signal=${text}\r\nDuration=160\r\n`);
      }),
    );
  });
});
