/** How the schema reads the texts of the tree: each field says by which reader its text becomes a value. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Currency, CountryCode } from '../values/locale.ts';
import { parseDuration, parseTimer, parseTimeSpan } from '../values/duration.ts';
import { bad, good } from '../values/parsed.ts';
import type { Parsed } from '../values/parsed.ts';
import { parseInteger, parseName, parseYesNo } from '../values/scalars.ts';

/** What one part of the file tells the reading of the others; null where that part is itself wrong. */
export interface Given {
  /** The folder that relative paths start from. */
  readonly dir: string;
  readonly country: CountryCode | null;
  readonly currency: Currency;
}

/** A text read by `parse`; what is wrong with it becomes the field's problem. */
export const field = <T>(parse: (text: string) => Parsed<T>) =>
  z.string().transform((text, context): T => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.message, params: { hint: parsed.hint } });
    return z.NEVER;
  });

export const name = () => field(parseName);
/** Any text, the empty one too. */
export const words = () => z.string();
export const yesNo = () => field(parseYesNo);
export const integer = (least: number, most?: number) => field(parseInteger(least, most));
export const duration = () => field(parseDuration);
export const timeSpan = () => field(parseTimeSpan);
/** What becomes a timer; `pause` may be none at all. */
export const timer = () => field(parseTimer(parseTimeSpan));
export const pause = () => field(parseTimer(parseDuration));

/** A path, absolute; whether a file is there is asked later, of all files at once. */
export const path = ({ dir }: Given) =>
  field((text) => (text.trim() === '' ? bad('is empty', 'the path of a file') : good(resolve(dir, text))));

/** A map of named things, as Map in the order of the file. */
export const named = <T>(thing: z.ZodType<T>) =>
  z.record(z.string(), thing).transform((things): ReadonlyMap<string, T> => new Map(Object.entries(things)));
