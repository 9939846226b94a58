import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { bad, good } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const hostName =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i;

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number | null;
}

/** `host`, `host:port`, `[v6]:port`; null where it is none. */
export function splitHostPort(text: string): HostPort | null {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (parts === null) return null;
  const [, v6, name, digits] = parts;
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && port > 65_535) return null;
  if (v6 !== undefined) return isIP(v6) === 6 ? { host: v6, port } : null;
  if (name === undefined) return null;
  // 1.2.3.999 would pass as a host name.
  const known = /^[\d.]+$/.test(name) ? isIP(name) === 4 : hostName.test(name);
  return known ? { host: name, port } : null;
}

export function parseHost(text: string): Parsed<string> {
  if (isIP(text) !== 0) return good(text);
  const split = splitHostPort(text);
  return split !== null && split.port === null
    ? good(split.host)
    : bad(`"${text}" is not a host`, 'an address or a host name');
}

/** An address or block of addresses, as a CIDR block. */
export function parseBlock(text: string): Parsed<string> {
  try {
    if (ipaddr.isValidCIDR(text)) {
      const [address, bits] = ipaddr.parseCIDR(text);
      return good(`${address.toString()}/${bits}`);
    }
    if (isIP(text) !== 0) return good(`${text}/${isIP(text) === 4 ? 32 : 128}`);
  } catch {
    // ipaddr.js throws where the address or the bits make no sense.
  }
  return bad(
    `"${text}" is not an address or block of addresses`,
    '192.0.2.10, 192.0.2.0/24 or 2001:db8::/32',
  );
}

/** Where the embedded SIP engine listens: `udp:ADDRESS:PORT` or `tcp:ADDRESS:PORT`; port 0 takes a free one. */
export function parseSipListen(text: string): Parsed<string> {
  const [, rest = ''] = /^(?:udp|tcp):(.+)$/.exec(text) ?? [];
  const address = splitHostPort(rest);
  if (address?.port != null && isIP(address.host) !== 0) return good(text);
  return bad(`"${text}" is nowhere to listen`, '"udp:127.0.0.1:5060" or "tcp:127.0.0.1:5060"');
}

export function parseHttpListen(text: string): Parsed<{ host: string; port: number }> {
  const address = splitHostPort(text);
  if (address?.port != null) return good({ host: address.host, port: address.port });
  return bad(`"${text}" is nowhere to listen`, 'an address and a port: "127.0.0.1:8080"');
}

/** A web server that is asked or told. Who we are goes into the path or query, not before the host. */
export const parseHttpUrl =
  (hint: string) =>
  (text: string): Parsed<string> => {
    // The text may hold a secret: it is not repeated.
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
      return bad('this is not the URL of a web server', hint);
    const { username, password, href } = new URL(text);
    return username === '' && password === ''
      ? good(href)
      : bad('a URL takes no user and password here', `let the query say who asks: ${hint}?key=…`);
  };

/** Where a trunk is reached: `sip:host:port`. */
export function parseSipUri(text: string): Parsed<string> {
  const hint = 'a host and, if need be, a port: "sip:pbx.example.com:5060"';
  if (/^sips:/i.test(text)) return bad('sips: is not available in this version', hint);
  if (!/^sip:/i.test(text)) return bad(`"${text}" is not a SIP URI`, hint);
  const rest = text.slice(4);
  if (rest.includes('@'))
    return bad('a trunk has no user part: the number dialled is the buyer\'s "dial"', hint);
  if (/[;?]/.test(rest))
    return bad('a trunk takes no URI parameters', 'write "transport: tcp" beside the uri instead');
  const address = splitHostPort(rest);
  if (address === null || address.port === 0) return bad(`"${text}" is not a SIP URI`, hint);
  return good(`sip:${rest}`);
}

/** `embedded`, or a postgres:// URL. */
export function parseDatabase(text: string): Parsed<'embedded' | { url: string }> {
  if (text === 'embedded') return good('embedded');
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return good({ url: text });
  // The text may hold a password: it is not repeated.
  return bad(
    'this is neither "embedded" nor the URL of a Postgres',
    'embedded, or postgres://user:password@host:5432/name',
  );
}
