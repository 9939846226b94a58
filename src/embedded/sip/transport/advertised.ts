import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { HostPort } from './channel.ts';

/** The address that a far end at `remote` can reach us by; a wildcard socket has as many as the machine. */
export function advertisedAddress(bound: HostPort, advertise: string | undefined, remote: string): HostPort {
  if (isLoopback(remote) && isWildcard(bound.host))
    return { host: isIPv6(remote) ? '::1' : '127.0.0.1', port: bound.port };
  if (advertise !== undefined) return { host: advertise, port: bound.port };
  return isWildcard(bound.host) ? { host: outsideAddress(bound.host), port: bound.port } : bound;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Asking the system takes longer than reading a message, and addresses seldom change. */
const freshFor = 5_000;
const outside = new Map<string, { host: string; at: number }>();

function outsideAddress(wildcard: string): string {
  const known = outside.get(wildcard);
  const now = performance.now();
  if (known && now - known.at < freshFor) return known.host;
  const host = firstOutside(wildcard === '::' ? 'IPv6' : 'IPv4');
  outside.set(wildcard, { host, at: now });
  return host;
}

function firstOutside(family: 'IPv4' | 'IPv6'): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, internal, family: its } of addresses ?? [])
      if (!internal && its === family) return address;
  }
  return family === 'IPv6' ? '::1' : '127.0.0.1';
}
