/** Telephone numbers without their last four digits: the country and the area stay, the person does not. */

const hidden = 4;
/** E.164, wherever it stands in a text; nothing else that is logged is a plus sign and so many digits. */
const international = /\+\d{5,15}/g;
/** In a field that is a number, digits are one however they are written. */
const anyNumber = /\+?\d{5,}/g;
const numberFields = new Set(['from', 'to', 'number', 'caller', 'dial']);

/** The fields of a log line, to any depth. */
export function maskNumbers(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, masked(key, value)]));
}

function masked(key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(numberFields.has(key) ? anyNumber : international, cut);
  }
  if (Array.isArray(value)) return value.map((one) => masked(key, one));
  return isPlain(value) ? maskNumbers(value) : value;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const cut = (number: string) => `${number.slice(0, -hidden)}${'x'.repeat(hidden)}`;
