import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { questions, type CallForBids } from '../../../src/bids/question.ts';
import type { Attributes } from '../../../src/conditions/condition.ts';

const key = 'a key of this switch';
const number = '+12145550111';
const hash = createHmac('sha256', key).update(number).digest('hex');

function asked(given: Partial<CallForBids>, share: 'hash' | 'number' = 'hash'): Attributes {
  const call: CallForBids = {
    call: 'c1',
    campaign: 'solar',
    caller: number,
    attributes: { 'caller.number': number, 'caller.state': 'TX', 'caller.anonymous': false },
    ...given,
  };
  const { attributes, ...rest } = JSON.parse(questions(call, key)(share)) as { attributes: Attributes };
  expect(rest).toEqual({ call: 'c1', campaign: 'solar' });
  return attributes;
}

describe('the caller’s number', () => {
  it('is a keyed hash, the same for every call of this caller', () => {
    expect(asked({})).toEqual({ 'caller.number': hash, 'caller.state': 'TX', 'caller.anonymous': false });
    expect(
      questions({ call: 'c2', campaign: 'roof', caller: number, attributes: {} }, 'another')('hash'),
    ).toBe('{"call":"c2","campaign":"roof","attributes":{}}');
  });

  it('is told to whom it is shared with', () => {
    expect(asked({}, 'number')['caller.number']).toBe(number);
  });

  it.each<[string, Attributes]>([
    ['keyed in', { 'ivr.callback': '2145550111' }],
    ['keyed in as a local number', { 'ivr.callback': '5550111' }],
    ['as a number', { 'ivr.callback': 2_145_550_111 }],
    ['with a prefix', { 'ivr.callback': '0012145550111' }],
    ['written out', { 'tag.crm': 'lead (214) 555-0111, Dallas' }],
  ])('does not slip through another attribute: %s', (_case, attributes) => {
    expect(Object.values(asked({ attributes }))).toEqual([hash]);
    expect(asked({ attributes }, 'number')).toEqual(attributes);
  });

  it('is not seen where it is not', () => {
    const attributes = {
      'caller.area_code': '214',
      'ivr.zip': '75001',
      'ivr.age': 55,
      'ivr.homeowner': true,
      'call.number': '+18005550111',
      'tag.order': '2145550112',
    };
    expect(asked({ attributes })).toEqual(attributes);
  });

  it.each(['hash', 'number'] as const)('is told to nobody where it was withheld (share: %s)', (share) => {
    const anonymous = { 'caller.anonymous': true };
    expect(asked({ caller: null, attributes: anonymous }, share)).toEqual(anonymous);
    const vouchedFor = { ...anonymous, 'caller.number': number, 'ivr.callback': '2145550111' };
    expect(asked({ attributes: vouchedFor }, share)).toEqual(anonymous);
    expect(asked({ caller: null, attributes: { 'caller.number': number } }, share)).toEqual({});
  });

  it('may be no number at all', () => {
    const attributes = { 'caller.number': 'alice', 'tag.who': 'alice', 'tag.state': 'alabama' };
    const inHash = createHmac('sha256', key).update('alice').digest('hex');
    expect(asked({ caller: 'alice', attributes })).toEqual({
      'caller.number': inHash,
      'tag.who': inHash,
      'tag.state': 'alabama',
    });
  });
});

it('a question is put into words once for all bidders of a kind', () => {
  const textFor = questions({ call: 'c1', campaign: 'solar', caller: number, attributes: {} }, key);
  expect(textFor('hash')).toBe(textFor('hash'));
});

it('attributes of any length and any name stay what they are', () => {
  const attributes = { 'tag.long': '\u{1F4DE}"\\\n'.repeat(2000), 'tag.__proto__': 'x', ['__proto__']: 'y' };
  expect(asked({ attributes })).toEqual(attributes);
});
