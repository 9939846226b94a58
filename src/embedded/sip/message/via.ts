import { parseParams } from './lists.ts';
import { hostText, parseHostPort } from './uri.ts';

export interface Via {
  /** UDP, TCP, TLS …, upper case. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: ReadonlyMap<string, string>;
}

/** One Via element (not a list); null where it is malformed. */
export function parseVia(text: string): Via | null {
  const match = /^SIP\s*\/\s*2\.0\s*\/\s*([a-z0-9-]+)\s+([^;]+)(?:;(.*))?$/i.exec(text.trim());
  if (!match) return null;
  const place = parseHostPort(match[2] ?? '');
  if (!place) return null;
  return { protocol: (match[1] ?? '').toUpperCase(), ...place, params: parseParams(match[3] ?? '') };
}

/**
 * Notes on the top Via where the request came from (RFC 3261 §18.2.1, RFC 3581 §4): `received` where it differs from
 * sent-by or where rport was asked for, `rport` always, since answering to the port a request came from is what
 * survives NAT.
 */
export function withSource(via: Via, text: string, address: string, port: number): string {
  const asked = via.params.get('rport') === '';
  const marked = asked ? text.replace(/;\s*rport(?=\s*(;|$))/i, `;rport=${port}`) : `${text};rport=${port}`;
  return via.host === address ? marked : `${marked};received=${address}`;
}

export function formatVia(protocol: string, local: { host: string; port: number }, branch: string): string {
  return `SIP/2.0/${protocol.toUpperCase()} ${hostText(local.host)}:${local.port};rport;branch=${branch}`;
}
