/** What a bidder is told of a call: its attributes, the caller's number under a keyed hash unless it may have it. */
import { createHmac } from 'node:crypto';
import type { Attributes, AttributeValue } from '../conditions/condition.ts';
import type { Bidder } from '../routing/network.ts';

export interface CallForBids {
  readonly call: string;
  readonly campaign: string;
  /** E.164; null where withheld. */
  readonly caller: string | null;
  readonly attributes: Attributes;
}

export type HashKey = string | Uint8Array;

/** One text for all bidders of a kind, made when the first of them is asked. */
export function questions(call: CallForBids, key: HashKey): (share: Bidder['share']) => string {
  const texts: Partial<Record<Bidder['share'], string>> = {};
  return (share) => (texts[share] ??= questionText(call, share, key));
}

function questionText(
  { call, campaign, ...rest }: CallForBids,
  share: Bidder['share'],
  key: HashKey,
): string {
  return JSON.stringify({ call, campaign, attributes: attributesFor(rest, share, key) });
}

function attributesFor(
  { caller, attributes }: Pick<CallForBids, 'caller' | 'attributes'>,
  share: Bidder['share'],
  key: HashKey,
): Attributes {
  // Whoever withheld the number withheld it from bidders too: RFC 3323 knows no exception for those who would pay.
  if (caller === null || attributes['caller.anonymous'] === true) return withoutNumber(attributes, caller);
  if (share === 'number') return attributes;
  const hash = createHmac('sha256', key).update(caller).digest('hex');
  return mapped(attributes, (name, value) => (reveals(name, value, caller) ? hash : value));
}

function withoutNumber(attributes: Attributes, caller: string | null): Attributes {
  return mapped(attributes, (name, value) => (reveals(name, value, caller) ? undefined : value));
}

function mapped(
  attributes: Attributes,
  give: (name: string, value: AttributeValue) => AttributeValue | undefined,
): Attributes {
  const entries = Object.entries(attributes).flatMap(([name, value]) => {
    const given = give(name, value);
    return given === undefined ? [] : [[name, given] as const];
  });
  return Object.fromEntries(entries);
}

/** As many digits as single out a line within its area, however the number around them is written. */
const lineDigits = 7;

/**
 * A caller may have keyed in the very number, a publisher may have tagged the call with it: `2145550111`,
 * `(214) 555-0111`. What `call.` tells is of the number dialled, and of us.
 */
function reveals(name: string, value: AttributeValue, caller: string | null): boolean {
  if (name === 'caller.number') return true;
  if (caller === null || typeof value === 'boolean' || name.startsWith('call.')) return false;
  const line = digitsOf(caller).slice(-lineDigits);
  return line.length < lineDigits ? value === caller : digitsOf(`${value}`).includes(line);
}

function digitsOf(text: string): string {
  return text.replace(/\D+/g, '');
}
