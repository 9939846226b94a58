/** What the API takes. Unknown keys are refused: a misspelt one would be money that is not there. */
import { z } from 'zod';

/** The database knows no text with a NUL in it. */
export const readable = z.string().refine((text) => !text.includes('\0'), 'has a NUL in it');
export const short = readable.max(128);
export const name = short.min(1);
export const line = readable.max(500);
/** Decimal text: a JSON number would have gone through a float. */
export const amount = z.string().max(32).describe('Decimal text, such as 12.50');
export const time = z.iso
  .datetime({ offset: true, error: 'is to be a time with an offset, such as 2026-11-01T00:00:00Z' })
  .describe('ISO 8601 with an offset');
export const byId = z.strictObject({ id: short });

/** Of every list: how many at once, and where to go on. */
export const page = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|1\d\d|200)$/, 'is to be a number from 1 to 200')
    .default('50')
    .describe('1 to 200'),
  cursor: z.string().max(500).optional().describe('`next` of the answer before'),
};

/** The query of a list. */
export const listOf = <Filters extends z.ZodRawShape>(filters: Filters) =>
  z.strictObject({ ...page, ...filters });

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('`cursor` of the next question; null at the end'),
  });

/** What a route answers, by status: for its description. */
export const answers = (
  response: Readonly<Record<number, z.ZodType | object>>,
): { readonly response: unknown } => ({
  response,
});
