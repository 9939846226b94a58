/** What is known of a call when it comes in, under the names that conditions use. `ivr.*` joins later. */
import type { Attributes, AttributeValue } from '../conditions/condition.ts';
import { dayOf, localClock, minuteOf, weekdayOf } from '../calendar/local-clock.ts';
import { parseNumber } from './number.ts';
import type { NumberEntry } from './table.ts';

/** The names that `attributesOf` gives; a config may also name any `ivr.` and `tag.` attribute. */
export const callAttributes = [
  'caller.number',
  'caller.country',
  'caller.state',
  'caller.area_code',
  'caller.timezone',
  'caller.anonymous',
  'caller.attestation',
  'call.number',
  'call.campaign',
  'call.publisher',
  'call.source',
  'call.hour',
  'call.weekday',
] as const;

export interface IncomingCall {
  /** The caller as the carrier gave it; null where withheld, or where no number can be read. */
  readonly from: string | null;
  /** Whether it was withheld, where `from` does not tell. */
  readonly anonymous?: boolean;
  /** The number dialled, E.164. */
  readonly to: string;
  /** The network's, for callers without a country code; E.164 needs none. */
  readonly country?: string;
  readonly entry: NumberEntry;
  /** Of the visit that the number is lent to. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** In which `call.hour` (0 to 23) and `call.weekday` (mon … sun) are told. */
  readonly timezone: string;
  /** STIR/SHAKEN, where the carrier vouches for it. */
  readonly attestation?: 'A' | 'B' | 'C' | null;
}

export function attributesOf(call: IncomingCall): Attributes {
  const attributes: Record<string, AttributeValue> = {
    'caller.anonymous': call.anonymous ?? isAnonymous(call.from),
    'call.number': call.to,
    'call.campaign': call.entry.campaign.id,
    'call.publisher': call.entry.publisher,
  };
  if (call.entry.source !== null) attributes['call.source'] = call.entry.source;
  if (call.attestation) attributes['caller.attestation'] = call.attestation;
  for (const [name, value] of Object.entries(call.tags ?? {})) attributes[`tag.${name}`] = value;
  addCaller(attributes, call);
  addTime(attributes, call);
  return attributes;
}

/** Withheld, by the absence of a number or by the words that RFC 3323 and carriers put in its place. */
export function isAnonymous(from: string | null): boolean {
  return from === null || withheld.has(from.slice(0, 16).toLowerCase());
}

const withheld = new Set(['', 'anonymous', 'unavailable', 'restricted', 'private', 'withheld', 'unknown']);
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function addCaller(attributes: Record<string, AttributeValue>, { from, country = '' }: IncomingCall): void {
  const caller = from === null ? null : parseNumber(from, country);
  if (caller === null) return;
  attributes['caller.number'] = caller.e164;
  if (caller.country !== null) attributes['caller.country'] = caller.country;
  if (caller.state !== null) attributes['caller.state'] = caller.state;
  if (caller.timezone !== null) attributes['caller.timezone'] = caller.timezone;
  if (caller.areaCode !== null) attributes['caller.area_code'] = caller.areaCode;
}

function addTime(attributes: Record<string, AttributeValue>, { at, timezone }: IncomingCall): void {
  const wall = localClock(timezone).wall(at);
  const weekday = weekdays[weekdayOf(dayOf(wall)) - 1];
  if (weekday === undefined) return;
  attributes['call.hour'] = Math.floor(minuteOf(wall) / 60);
  attributes['call.weekday'] = weekday;
}
