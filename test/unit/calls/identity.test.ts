import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerIdentity } from '../../../src/calls/identity.ts';
import { attributesOf } from '../../../src/routing/attributes.ts';
import { blocked } from '../../../src/routing/decide.ts';
import { campaign } from '../routing/world.ts';

const passport = (claims: object) =>
  `${Buffer.from('{"alg":"ES256","typ":"passport"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln;info=<https://cert.example/a.pem>;alg=ES256;ppt=shaken`;

function identityOf(from: string, headers: Readonly<Record<string, string>> = {}) {
  const found = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return callerIdentity({ from, header: (name) => found.get(name.toLowerCase()) }, 'US');
}

describe('who calls', () => {
  test.each<[string, string, Record<string, string>, string | null]>([
    ['From alone', '+12145550111', {}, '+12145550111'],
    ['From with number portability parameters', '+12145550111;npdi;rn=+12145550000', {}, '+12145550111'],
    [
      'an asserted identity before From',
      'sales',
      { 'P-Asserted-Identity': '"A" <sip:+12145550112@gw.example>' },
      '+12145550112',
    ],
    ['an asserted tel URI', 'x', { 'P-Asserted-Identity': '<tel:+1-214-555-0113>' }, '+12145550113'],
    [
      'two asserted identities: the first',
      'x',
      { 'P-Asserted-Identity': '<sip:+12145550114@a>, <tel:+12145550115>' },
      '+12145550114',
    ],
    [
      'two asserted identities, a name first: the one that is a number (RFC 3325 9.1)',
      'x',
      { 'P-Asserted-Identity': '"Sales" <sip:sales@pbx.example>, <tel:+12145550115>' },
      '+12145550115',
    ],
    [
      'asserted names alone: not the number that From claims',
      '+19005550123',
      { 'P-Asserted-Identity': '<sip:sales@pbx.example>' },
      null,
    ],
    ['a number of the network’s country', '2145550111', {}, '+12145550111'],
    ['anonymous From', 'anonymous', {}, null],
    [
      'anonymous From, asserted, no privacy asked',
      'anonymous',
      { 'P-Asserted-Identity': '<sip:+12145550116@a>' },
      '+12145550116',
    ],
    ['privacy: id', '+12145550111', { 'P-Asserted-Identity': '<sip:+12145550116@a>', Privacy: 'id' }, null],
    ['privacy: user;critical', '+12145550111', { Privacy: 'user;critical' }, null],
    [
      'a number in a display name',
      'x',
      { 'P-Asserted-Identity': '"sip:+19005550123" <sip:+12145550117@a>' },
      '+12145550117',
    ],
    ['privacy: none', '+12145550111', { Privacy: 'none' }, '+12145550111'],
  ])('%s', (_name, from, headers, expected) => {
    expect(identityOf(from, headers).from).toBe(expected);
  });
});

describe('withheld, or merely unreadable', () => {
  test.each<[string, string, Record<string, string>, boolean]>([
    ['a number', '+12145550111', {}, false],
    ['a name', 'sales', {}, false],
    ['digits that are no number', '12', {}, false],
    ['nothing', '', {}, true],
    ['anonymous', 'Anonymous', {}, true],
    ['what carriers write in its place', 'Restricted', {}, true],
    ['a name, privacy asked', 'sales', { Privacy: 'id' }, true],
    ['a number, privacy asked', '+12145550111', { Privacy: 'none;user' }, true],
    ['asserted as anonymous', '+12145550111', { 'P-Asserted-Identity': '<sip:anonymous@a>' }, true],
    ['asserted as a name', 'anonymous', { 'P-Asserted-Identity': '<sip:sales@a>' }, false],
    [
      'asserted as anonymous and as a number',
      'anonymous',
      { 'P-Asserted-Identity': '<sip:anonymous@a>, <tel:+12145550116>' },
      false,
    ],
  ])('%s', (_name, from, headers, expected) => {
    expect(identityOf(from, headers).anonymous).toBe(expected);
  });

  test('a campaign that blocks anonymous callers takes those whose number it cannot read', () => {
    const strict = campaign([], { block: { anonymous: true, callers: new Set(['+12145550111']) } });
    const [entry] = [{ campaign: strict, publisher: 'clickwise', source: null }];
    const attributesFor = (from: string) => {
      const who = identityOf(from);
      return attributesOf({ ...who, to: '+18005550100', entry, at: 0, timezone: 'UTC' });
    };
    expect(blocked(strict, null, attributesFor('sales'))).toBe(false);
    expect(attributesFor('sales')).toMatchObject({ 'caller.anonymous': false });
    expect(attributesFor('sales')).not.toHaveProperty('caller.number');
    expect(blocked(strict, null, attributesFor('anonymous'))).toBe(true);
  });
});

describe('attestation', () => {
  test.each<[string, Record<string, string>, string | null]>([
    ['none given', {}, null],
    ['verstat with a level', { From: '<sip:+12145550111;verstat=TN-Validation-Passed-B@gw>;tag=1' }, 'B'],
    [
      'verstat in the asserted identity first',
      {
        'P-Asserted-Identity': '<sip:+12145550111;verstat=TN-Validation-Passed-A@gw>',
        From: '<sip:+12145550111;verstat=TN-Validation-Passed-C@gw>',
      },
      'A',
    ],
    ['the indicator header', { 'P-Attestation-Indicator': 'c' }, 'C'],
    ['the PASSporT', { Identity: passport({ attest: 'A', dest: { tn: ['1'] } }) }, 'A'],
    [
      'passed without a level, the PASSporT has it',
      {
        From: '<sip:+1;verstat=TN-Validation-Passed@gw>',
        Identity: passport({ attest: 'B' }),
      },
      'B',
    ],
    [
      'a signature that the carrier found wrong counts for nothing',
      {
        From: '<sip:+1;verstat=TN-Validation-Failed@gw>',
        Identity: passport({ attest: 'A' }),
      },
      null,
    ],
    ['a level there is none of', { Identity: passport({ attest: 'Z' }) }, null],
    ['a verstat in a display name', { From: '";verstat=TN-Validation-Passed-A" <sip:+1@gw>;tag=1' }, null],
    [
      'a verstat after a quote that never ends',
      { From: '"\\";verstat=TN-Validation-Passed-A <sip:+1@gw>' },
      null,
    ],
    ['a PASSporT of garbage', { Identity: 'a.b.c' }, null],
  ])('%s', (_name, headers, expected) => {
    expect(identityOf('+12145550111', headers).attestation).toBe(expected);
  });
});

test('headers of any garbage and size are read without a throw, and a number stays short', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.constant('x'.repeat(10_000)),
  );
  fc.assert(
    fc.property(text, text, text, text, (from, asserted, privacy, identity) => {
      const who = identityOf(from, { 'P-Asserted-Identity': asserted, Privacy: privacy, Identity: identity });
      expect(who.from ?? '+1').toMatch(/^\+\d{1,17}$/);
    }),
  );
});
