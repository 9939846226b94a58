/**
 * A bidder's answer, read as strictly as money is: `{ "price": "12.50", "expires_in": 30 }` and nothing else, for a
 * member that we do not know (a currency, say) may change what the price means.
 */
import { z } from 'zod';

export type Answer =
  /** Price in micro-units, validity in seconds. */
  | { readonly ok: true; readonly price: number; readonly expiresIn: number }
  | { readonly ok: false; readonly problem: string };

export function readAnswer(body: Uint8Array): Answer {
  const json = parseFlat(body);
  if (json === null) return { ok: false, problem: 'not a flat JSON object with each name once' };
  const read = answerSchema.safeParse(json);
  if (read.success) return { ok: true, price: read.data.price, expiresIn: read.data.expires_in };
  return { ok: false, problem: problemOf(read.error) };
}

/** Below 10^9 units a price in micro-units is a safe integer. */
const decimal = /^(0|[1-9]\d{0,8})(?:\.(\d{1,6}))?$/;

const answerSchema = z.strictObject({
  price: z.string().regex(decimal).transform(microsOf),
  expires_in: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .transform(Number)
    .refine((seconds) => seconds <= 300),
});

/** Never through a fraction: two integers, put together. */
function microsOf(text: string): number {
  const [, units = '', decimals = ''] = decimal.exec(text) ?? [];
  return Number(units) * 1_000_000 + Number(decimals.padEnd(6, '0'));
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const at = issue?.path[0];
  return at === undefined ? 'not an object of price and expires_in alone' : `${String(at)} cannot be read`;
}

/** A string, with the colon that makes it a name; or a number. In JSON that parses, nothing else has quotes or digits. */
const stringsAndNumbers = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[^\s,\]}]*/g;

/** JSON with its numbers as the text they were written in: a float would have rounded them already. */
function parseFlat(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    JSON.parse(text);
    let names = 0;
    const quoted = text.replace(stringsAndNumbers, (token, colon?: string) => {
      if (colon !== undefined) names += 1;
      return token.startsWith('"') ? token : `"${token}"`;
    });
    const json: unknown = JSON.parse(quoted);
    // Of a name given twice JSON.parse keeps the last, others the first: who bids so has bid two prices.
    return isObject(json) && Object.keys(json).length === names ? json : null;
  } catch (error) {
    // Not JSON, or not UTF-8.
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function isObject(json: unknown): json is object {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
