import { parseParams } from './lists.ts';

/** A SIP or SIPS URI, as far as routing needs it. */
interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user: string | undefined;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number | undefined;
  readonly params: ReadonlyMap<string, string>;
}

/** Null for what is not a SIP URI (a tel: URI, garbage). */
export function parseUri(text: string): SipUri | null {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return null;
  let rest = text.slice(colon + 1);
  // An @ may stand in nothing but the user part, so the last one ends it; user parts may hold ; and ?.
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? undefined : rest.slice(0, at);
  rest = rest.slice(at + 1);
  const question = rest.indexOf('?');
  if (question >= 0) rest = rest.slice(0, question);
  const semicolon = rest.indexOf(';');
  const place = parseHostPort(semicolon < 0 ? rest : rest.slice(0, semicolon));
  if (!place) return null;
  return {
    scheme,
    user,
    ...place,
    params: semicolon < 0 ? noParams : parseParams(rest.slice(semicolon + 1)),
  };
}

const noParams: ReadonlyMap<string, string> = new Map();

/** `host`, `host:port`, `[v6]:port`; null where it is none of these. */
export function parseHostPort(text: string): { host: string; port: number | undefined } | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?:\s*:\s*(\d{1,5}))?$/i.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  if (!match || host === undefined) return null;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  return port !== undefined && (port === 0 || port > 65535) ? null : { host, port };
}

/** A host as it is written before a port: IPv6 in brackets. */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
