/** The telephone numbers of a log line, masked. */
import { maskedNumber } from './masked-number.ts';

/** E.164, wherever it stands in a text; nothing else that is logged is a plus sign and so many digits. */
const international = /\+\d{5,15}/g;
/** In a field that is a number, digits are one however they are written. */
const anyNumber = /\+?\d{5,}/g;
const numberFields = new Set(['from', 'to', 'number', 'caller', 'dial']);

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a log line, to any depth. Every line comes by: what has no number is given back as it is. */
export function maskNumbers(fields: Fields): Fields {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    const shown = masked(key, value);
    if (shown === value) continue;
    copy ??= { ...fields };
    copy[key] = shown;
  }
  return copy ?? fields;
}

function masked(key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    if (numberFields.has(key)) return value.replace(anyNumber, maskedNumber);
    return value.includes('+') ? value.replace(international, maskedNumber) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => masked(key, one));
  return isPlain(value) ? maskNumbers(value) : value;
}

const isPlain = (value: object): value is Fields => Object.getPrototypeOf(value) === Object.prototype;
