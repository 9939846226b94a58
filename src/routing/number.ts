/** Telephone numbers: what a carrier, a config or a person writes, to E.164, and where in the world that is. */
import { parsePhoneNumberFromString, type CountryCode, isSupportedCountry } from 'libphonenumber-js';
import { areaCodes } from './area-codes.ts';

interface ParsedNumber {
  readonly e164: string;
  /** ISO 3166 alpha-2; null where several share the code and the number does not tell, as with toll-free ones. */
  readonly country: string | null;
  /** The state or province that the area code was given to; of the US and Canada only. */
  readonly state: string | null;
  /** IANA, where the whole area code lies in one; of the US and Canada only. */
  readonly timezone: string | null;
  /** Of the North American plan only. */
  readonly areaCode: string | null;
}

/** E.164, or null where the text is no telephone number. Never throws, whatever the text and however long. */
export function normalizeNumber(text: string, country: string): string | null {
  return isPlainNanp(text) ? text : (parseNumber(text, country)?.e164 ?? null);
}

/** `country` tells how a number without its country code is meant. */
export function parseNumber(text: string, country: string): ParsedNumber | null {
  if (isPlainNanp(text)) {
    const place = places[areaOf(text)];
    if (place !== undefined) return { e164: text, areaCode: text.slice(2, 5), ...place };
  }
  // The longest a person would write fifteen digits; what is longer is no number and not worth a look.
  if (text.length > 40) return null;
  return remembered(text, country);
}

interface Place {
  readonly country: string;
  readonly state: string | null;
  readonly timezone: string | null;
}

/** By area code as a number, so that the look-up allocates nothing. */
const places: readonly (Place | undefined)[] = placesByAreaCode();

/** Callers come back, and a parse costs what a hundred of these look-ups do. Emptied when full. */
const memory = new Map<string, ParsedNumber | null>();
const memorySize = 20_000;

function remembered(text: string, country: string): ParsedNumber | null {
  const key = `${country} ${text}`;
  const present = memory.get(key);
  if (present !== undefined) return present;
  const parsed = parse(text, country);
  if (memory.size >= memorySize) memory.clear();
  memory.set(key, parsed);
  return parsed;
}

function parse(text: string, country: string): ParsedNumber | null {
  const home: CountryCode | undefined = isSupportedCountry(country) ? country : undefined;
  const options = home === undefined ? { extract: false } : { extract: false, defaultCountry: home };
  const number = parsePhoneNumberFromString(text, options);
  // Possible, not valid: 555 numbers and blocks newer than the metadata are dialled too.
  if (number?.isPossible() !== true) return null;
  const e164: string = number.number;
  const nanp = isPlainNanp(e164);
  const place = nanp ? places[areaOf(e164)] : undefined;
  return {
    e164,
    country: place?.country ?? number.country ?? null,
    state: place?.state ?? null,
    timezone: place?.timezone ?? null,
    areaCode: nanp ? e164.slice(2, 5) : null,
  };
}

/** `+1NXXNXXXXXX`: the form in which nearly every call of a North American network comes. */
function isPlainNanp(text: string): boolean {
  if (text.length !== 12 || !text.startsWith('+1')) return false;
  for (let at = 2; at < 12; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < (at === 2 || at === 5 ? 2 : 0) || digit > 9) return false;
  }
  return true;
}

function areaOf(plain: string): number {
  return (plain.charCodeAt(2) - 48) * 100 + (plain.charCodeAt(3) - 48) * 10 + plain.charCodeAt(4) - 48;
}

function placesByAreaCode(): (Place | undefined)[] {
  const byCode = new Array<Place | undefined>(1_000).fill(undefined);
  for (const [country, state, codes, timezone] of areaCodes) {
    const place = { country, state: state || null, timezone: timezone || null };
    for (const code of codes.split(' ')) byCode[Number(code)] = place;
  }
  return byCode;
}
