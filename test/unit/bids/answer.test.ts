import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/bids/answer.ts';

const read = (text: string) => readAnswer(Buffer.from(text));
const priced = (price: string) => read(`{ "price": ${price}, "expires_in": 30 }`);

describe('a price', () => {
  it.each([
    ['"12.50"', 12_500_000],
    ['12.50', 12_500_000],
    ['12', 12_000_000],
    ['"0.000001"', 1],
    ['0.1', 100_000],
    ['"0"', 0],
    ['0.000000', 0],
    ['999999999.999999', 999_999_999_999_999],
    ['"12\\u002e50"', 12_500_000],
  ])('%s is %i micro-units', (text, micros) => {
    expect(priced(text)).toEqual({ ok: true, price: micros, expiresIn: 30 });
  });

  it.each([
    '"NaN"',
    '"Infinity"',
    '-5',
    '"-5"',
    '-0',
    '"+5"',
    '1e308',
    '"1e3"',
    '1E2',
    '1e-2',
    '12.5000001',
    '0.1000000000000000055511151231257827',
    '1000000000',
    `1${'0'.repeat(308)}`,
    '"007"',
    '".5"',
    '"5."',
    '" 5"',
    '"5\\n"',
    '"0x10"',
    '"12,50"',
    '"$12.50"',
    '"١٢"',
    '""',
    'null',
    'true',
    '[12.50]',
  ])('%s is none', (text) => {
    expect(priced(text)).toMatchObject({ ok: false, problem: 'price cannot be read' });
  });

  it('is what was written, to the last micro-unit, as a number and as text', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.nat(999_999), (units, micros) => {
        const text = `${units}.${String(micros).padStart(6, '0')}`;
        for (const price of [text, `"${text}"`])
          expect(priced(price)).toEqual({ ok: true, price: units * 1_000_000 + micros, expiresIn: 30 });
      }),
    );
  });
});

describe('how long a bid is good', () => {
  const lasting = (seconds: string) => read(`{ "price": "1", "expires_in": ${seconds} }`);

  it.each([
    ['1', 1],
    ['300', 300],
    ['"30"', 30],
  ])('%s seconds', (text, expiresIn) => {
    expect(lasting(text)).toMatchObject({ ok: true, expiresIn });
  });

  it.each(['0', '-1', '301', '1.5', '30.0', '3e1', '1e400', '""', 'null', 'false', '[]'])(
    'not %s',
    (text) => {
      expect(lasting(text)).toEqual({ ok: false, problem: 'expires_in cannot be read' });
    },
  );
});

describe('an answer', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', 'price=12.50'],
    ['NaN', '{ "price": NaN, "expires_in": 30 }'],
    ['cut off', '{ "price": "12.50", "expires_in": 30'],
    ['two of them', '{"price":"1","expires_in":30}{"price":"2","expires_in":30}'],
    ['a list', '[{ "price": "12.50", "expires_in": 30 }]'],
    ['a number', '12.50'],
    ['null', 'null'],
    ['two prices', '{ "price": "12.50", "price": "99.00", "expires_in": 30 }'],
    ['two prices, one of them hidden', '{ "price": "12.50", "pri\\u0063e": "99.00", "expires_in": 30 }'],
    ['a list nested without end', '['.repeat(4096)],
    ['a list nested 2000 deep', `${'['.repeat(2000)}${']'.repeat(2000)}`],
    ['a price in a price', '{ "price": { "price": "12.50" }, "expires_in": 30 }'],
    ['members unknown to us', '{ "price": "12.50", "expires_in": 30, "currency": "EUR" }'],
    ['a prototype', '{ "price": "12.50", "expires_in": 30, "__proto__": { "price": 1 } }'],
    ['a prototype in place of members', '{ "__proto__": { "price": "12.50", "expires_in": 30 } }'],
    ['no price', '{ "expires_in": 30 }'],
    ['no expiry', '{ "price": "12.50" }'],
  ])('of %s is refused', (_case, text) => {
    const answer = read(text);
    expect(answer.ok).toBe(false);
    expect(!answer.ok && answer.problem).toMatch(/^[\w ]{5,60}$/);
  });

  it('of bytes that are no UTF-8 is refused', () => {
    const bytes = Buffer.from('{ "price": "12.50", "expires_in": 30 }');
    bytes[13] = 0xff;
    expect(readAnswer(bytes).ok).toBe(false);
    expect(readAnswer(Buffer.from('{ "price": "1", "expires_in": 30 }', 'utf16le')).ok).toBe(false);
  });

  it('may stand between blanks, its members in any order', () => {
    expect(read('\r\n\t{"expires_in" : 30 ,\n "price" : 12.50 }\n')).toEqual({
      ok: true,
      price: 12_500_000,
      expiresIn: 30,
    });
  });

  it('of any bytes is a bid within bounds or refused, and never throws', () => {
    const members = fc.dictionary(fc.constantFrom('price', 'expires_in', 'x'), fc.jsonValue());
    const texts = fc.oneof(
      fc.json(),
      members.map((json) => JSON.stringify(json)),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          texts.map((text) => Buffer.from(text)),
          fc.uint8Array(),
        ),
        (body) => {
          const answer = readAnswer(body);
          if (!answer.ok) return;
          expect(Number.isSafeInteger(answer.price) && answer.price >= 0).toBe(true);
          expect(answer.expiresIn >= 1 && answer.expiresIn <= 300).toBe(true);
        },
      ),
    );
  });
});
