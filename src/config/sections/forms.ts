/** How the values of fields look to who edits a file: JSON Schema, for what the readers of texts make of them. */
import { z } from 'zod';

export type Form = Readonly<Record<string, unknown>>;

const forms = z.registry<{ readonly form: Form }>();

/** Gives a part of the schema its form, in place of what its texts look like. */
export function withForm<T extends z.ZodType>(form: Form, part: T): T {
  forms.add(part, { form });
  return part;
}

export const formOf = (part: z.core.$ZodType): Form | undefined => forms.get(part)?.form;

/** `${NAME}` may stand for any value. */
const fromEnvironment = '\\$\\{';

/** A text of this pattern; an editor may take it for a number. */
const text = (pattern: string): Form => ({
  type: ['string', 'number'],
  pattern: `${pattern}|${fromEnvironment}`,
});

/** One of these, or what the environment says. */
export const choice = (values: readonly unknown[]): Form => ({
  anyOf: [{ enum: values }, { type: 'string', pattern: fromEnvironment }],
});

export const wholeNumber = (minimum: number, maximum = 1_000_000_000): Form => ({
  anyOf: [
    { type: 'integer', minimum, maximum },
    { type: 'string', pattern: fromEnvironment },
  ],
});

/** Any value that is neither a map nor a list. */
export const anyText: Form = { type: ['string', 'number', 'boolean'] };
export const yesOrNo = choice([true, false, 'yes', 'no', 'on', 'off']);
export const amount = text('^\\d+(\\.\\d+)?$');
export const amountOrShare = text('^\\d+(\\.\\d+)?( ?%)?$');
export const percentage: Form = { type: 'string', pattern: `^\\d+(\\.\\d+)? ?%$|${fromEnvironment}` };
export const increments: Form = {
  type: 'string',
  pattern: `^\\d{1,5} ?/ ?\\d{1,5}$|${fromEnvironment}`,
};
/** What may be read, in order to be refused with a reason, and should not be offered. */
export const nothing: Form = { not: {} };
export const span: Form = {
  type: 'string',
  pattern: `^\\d{1,9}(\\.\\d{1,6})? ?(ms|s|m|h|d)$|${fromEnvironment}`,
};
/** Of a whole: 0.5 or 50%. */
export const part = text('^\\d+(\\.\\d+)?( ?%)?$');
export const switchedOff = choice([false, 'no', 'off']);
export const spanOrOff: Form = { anyOf: [span, switchedOff] };
export const sipStop = text('^[3-6](\\d\\d|[xX][xX])$');
export const telephone: Form = {
  type: ['string', 'number'],
  pattern: `^[+(\\d][\\d\\s().-]*$|${fromEnvironment}`,
};

const timeRange: Form = {
  type: 'string',
  pattern: `^\\d{2}:\\d{2}\\s*-\\s*\\d{2}:\\d{2}$|${fromEnvironment}`,
};
const ranges: Form = { anyOf: [{ const: 'closed' }, timeRange, { type: 'array', items: timeRange }] };
const weekday =
  '([mM][oO][nN]|[tT][uU][eE]|[wW][eE][dD]|[tT][hH][uU]|[fF][rR][iI]|[sS][aA][tT]|[sS][uU][nN])';

export const week: Form = {
  type: 'object',
  patternProperties: { [`^${weekday}(-${weekday})?$`]: ranges },
  additionalProperties: false,
};
export const dates: Form = {
  type: 'object',
  patternProperties: { '^\\d{4}-\\d{2}-\\d{2}$': ranges },
  additionalProperties: false,
};

export const someConditions: Form = { allOf: [{ $ref: '#/definitions/conditions' }] };
