import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js';
import type { CountryCode } from 'libphonenumber-js';
import { didYouMean } from './nearest.ts';
import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export type { CountryCode };

/** ISO 3166 alpha-2. */
export function parseCountry(text: string): Parsed<CountryCode> {
  if (isSupportedCountry(text)) return good(text);
  return bad(`"${text}" is not a country`, 'two capital letters of ISO 3166: US, GB, DE');
}

/** The ringing tones that can be played, by where they are heard. */
export const ringbacks = ['us', 'uk', 'au', 'eu'] as const;

export function parseRingback(text: string): Parsed<string> {
  const known: readonly string[] = ringbacks;
  if (known.includes(text)) return good(text);
  return bad(`"${text}" is not a ringing tone`, `one of: ${known.join(', ')}`);
}

/** What callers of a country are used to hear; most countries have the European one. */
export function ringbackOf(country: string): string {
  if (isSupportedCountry(country) && getCountryCallingCode(country) === '1') return 'us';
  return { GB: 'uk', IE: 'uk', AU: 'au', NZ: 'uk' }[country] ?? 'eu';
}

/** IANA zones, spelt as the database spells them. */
export function parseZone(text: string): Parsed<string> {
  const known = zones.get(text);
  if (known !== undefined) return good(known);
  const zone = readZone(text);
  if (zone.ok) zones.set(text, zone.value);
  return zone;
}

/** Those that were asked for: to make a formatter costs more than all else that is read of a buyer. */
const zones = new Map<string, string>();

function readZone(text: string): Parsed<string> {
  try {
    const zone = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    // Offsets such as "+02:00" are accepted by Intl, but know no daylight saving.
    if (/^[A-Za-z]/.test(text)) return good(zone === 'UTC' ? 'UTC' : text);
  } catch {
    // RangeError: unknown to Intl.
  }
  return bad(
    `"${text}" is not a time zone`,
    didYouMean(text, Intl.supportedValuesOf('timeZone')) ??
      'a zone of the IANA database: America/New_York, Europe/Berlin, UTC',
  );
}

export interface Currency {
  readonly code: string;
  /** Digits after the point in the minor unit: 2 for USD, 0 for JPY. */
  readonly minorDigits: number;
}

/** ISO 4217. */
export function parseCurrency(text: string): Parsed<Currency> {
  const codes = Intl.supportedValuesOf('currency');
  if (!codes.includes(text)) {
    return bad(
      `"${text}" is not a currency`,
      didYouMean(text.toUpperCase(), codes) ?? 'three capital letters of ISO 4217: USD, EUR, GBP',
    );
  }
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: text,
  }).resolvedOptions();
  return good({ code: text, minorDigits: maximumFractionDigits ?? 2 });
}
