import { parseParams } from './lists.ts';

/** The value of From, To, Contact, Route and their like: `"Name" <uri>;tag=1` or `uri;tag=1`. */
export interface Address {
  /** As written, quotes included; '' where there is none. */
  readonly display: string;
  readonly uri: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Null where there is no URI to be found. */
export function parseAddress(value: string): Address | null {
  const open = bracketAfterDisplay(value);
  if (open < 0) {
    // Without brackets, whatever follows a semicolon belongs to the header, not to the URI (RFC 3261 §20.10).
    const semicolon = value.indexOf(';');
    const uri = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
    if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) return null;
    return { display: '', uri, params: parseParams(semicolon < 0 ? '' : value.slice(semicolon + 1)) };
  }
  const close = value.indexOf('>', open);
  if (close < 0) return null;
  const uri = value.slice(open + 1, close).trim();
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) return null;
  return { display: value.slice(0, open).trim(), uri, params: parseParams(value.slice(close + 1)) };
}

/** Written with brackets always, so that no parameter changes sides. */
export function formatAddress({ display, uri, params }: Address): string {
  let text = display === '' ? `<${uri}>` : `${display} <${uri}>`;
  for (const [name, value] of params) text += value === '' ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** The same address with this tag. */
export function withTag(value: string, tag: string): string {
  const address = parseAddress(value);
  return address ? formatAddress({ ...address, params: new Map([...address.params, ['tag', tag]]) }) : value;
}

/** The position of the < that opens the URI, -1 where there is none; a < in a quoted name does not count. */
function bracketAfterDisplay(value: string): number {
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (char === '<' && !quoted) return i;
  }
  return -1;
}
