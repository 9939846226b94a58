/** How the schema reads the texts of the tree: each field says by which reader its text becomes a value. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Currency, CountryCode } from '../values/locale.ts';
import { parseDuration, parseShortSpan, parseTimer, parseTimeSpan } from '../values/duration.ts';
import { bad, good } from '../values/parsed.ts';
import type { Parsed } from '../values/parsed.ts';
import { anyText, part, span, spanOrOff, switchedOff, wholeNumber, withForm, yesOrNo } from './forms.ts';
import type { Form } from './forms.ts';
import {
  isOff,
  parseInteger,
  parseLabel,
  parseName,
  parseOff,
  parseRatio,
  parseYesNo,
} from '../values/scalars.ts';

/** What one part of the file tells the reading of the others; null where that part is itself wrong. */
export interface Given extends GivenEverywhere {
  /** The folder that relative paths start from: that of the file which says them. */
  readonly dir: string;
}

export interface GivenEverywhere {
  readonly country: CountryCode | null;
  readonly currency: Currency;
}

/** A text read by `parse`; what is wrong with it becomes the field's problem. `form` is for editors. */
export const field = <T>(parse: (text: string) => Parsed<T>, form: Form = anyText) =>
  withForm(
    form,
    z.string().transform((text, context): T => {
      const parsed = parse(text);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.message, params: { hint: parsed.hint } });
      return z.NEVER;
    }),
  );

export const name = () => field(parseName);
export const label = () => field(parseLabel);
/** Any text, the empty one too. */
export const words = () => z.string();
export const yesNo = () => field(parseYesNo, yesOrNo);
export const integer = (least: number, most?: number) =>
  field(parseInteger(least, most), wholeNumber(least, most));
export const duration = () => field(parseDuration, span);
export const timeSpan = () => field(parseTimeSpan, span);
/** What becomes a timer; `pause` may be none at all. */
export const timer = () => field(parseTimer(parseTimeSpan), span);
export const pause = () => field(parseTimer(parseDuration), span);
/** A span of at most `longest` milliseconds, longer than none. */
export const shortSpan = (longest: number) => field(parseShortSpan(longest), span);
/** A part of a whole that is more than none of it, `0.5` or `50%`, as a fraction. */
export const ratio = () => field(parseRatio, part);
/** `false`, of what may be switched off: null. */
export const off = () => field(parseOff, switchedOff);
/** As `timer`, or `false`: null. */
export const timerOrOff = () =>
  field(
    (text): Parsed<number | null> => (isOff(text) ? good(null) : parseTimer(parseTimeSpan)(text)),
    spanOrOff,
  );

/** A path, absolute; whether a file is there is asked later, of all files at once. */
export const path = ({ dir }: Given) =>
  field((text) => (text.trim() === '' ? bad('is empty', 'the path of a file') : good(resolve(dir, text))));

/** A map of named things, as Map in the order of the file. */
export const named = <T>(thing: z.ZodType<T>) =>
  z.record(z.string(), thing).transform((things): ReadonlyMap<string, T> => new Map(Object.entries(things)));
