/** JSON Schemas of what the API takes. Unknown keys are refused: a misspelt one would be money that is not there. */

/** An object of these properties. */
export const body = (required: readonly string[], properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

export const short = { type: 'string', maxLength: 128 };
export const name = { ...short, minLength: 1 };
export const line = { type: 'string', maxLength: 500 };
/** Decimal text: a JSON number would have gone through a float. */
export const amount = { type: 'string', maxLength: 32 };

export const callParameter = body(['id'], { id: short });
