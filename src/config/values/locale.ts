import { isSupportedCountry } from 'libphonenumber-js';
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

/** A country's ringing tone, by its code in small letters. */
export function parseRingback(text: string): Parsed<string> {
  if (/^[a-z]{2}$/.test(text) && isSupportedCountry(text.toUpperCase())) return good(text);
  return bad(`"${text}" is not the ringing tone of a country`, 'two small letters: us, gb, de');
}

/** IANA zones, spelt as the database spells them. */
export function parseZone(text: string): Parsed<string> {
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
