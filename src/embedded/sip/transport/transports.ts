import { isIPv6 } from 'node:net';
import { hostText } from '../message/uri.ts';
import { isLoopback, isWildcard } from './advertised.ts';
import type { Channel, HostPort, ListenAddress, Listener, Protocol, TransportEvents } from './channel.ts';
import { standardConnectionLimits, type ConnectionLimits } from './connection-limits.ts';
import { listenTcp } from './tcp.ts';
import { listenUdp } from './udp.ts';

/** Why a stack could not open: the address, the system's code (EADDRINUSE …) and what to do about it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string;
  readonly address: string;

  constructor(address: ListenAddress, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EUNKNOWN';
    const place = `${address.protocol}:${hostText(address.host)}:${address.port}`;
    super(`cannot listen on ${place}: ${advice(code)}`, { cause });
    this.code = code;
    this.address = place;
  }
}

/** Every socket of a stack. */
export class Transports {
  readonly listeners: readonly Listener[];

  private constructor(listeners: readonly Listener[]) {
    this.listeners = listeners;
  }

  /** Opens all or none; rejects with ListenError. */
  static async open(
    addresses: readonly ListenAddress[],
    events: TransportEvents,
    limits: ConnectionLimits = standardConnectionLimits,
  ): Promise<Transports> {
    const opened: Listener[] = [];
    for (const address of addresses) {
      try {
        const isUdp = address.protocol === 'udp';
        opened.push(await (isUdp ? listenUdp(address, events) : listenTcp(address, events, limits)));
      } catch (error) {
        await Promise.all(opened.map((listener) => listener.close()));
        throw new ListenError(address, error);
      }
    }
    return new Transports(opened);
  }

  get connections(): number {
    return this.listeners.reduce((sum, listener) => sum + listener.connections, 0);
  }

  has(protocol: Protocol): boolean {
    return this.listeners.some((listener) => listener.protocol === protocol);
  }

  /** UDP, where a socket of it stands on the side of the remote place, or none at all does. */
  usual({ host }: HostPort): Protocol {
    const near = this.listeners.filter(({ bound }) => reaches(bound.host, host));
    const able = near.length > 0 ? near : this.listeners;
    return able.some(({ protocol }) => protocol === 'udp') ? 'udp' : 'tcp';
  }

  /** Null where no socket of that protocol listens. */
  channelTo(protocol: Protocol, remote: HostPort): Channel | null {
    const able = this.listeners.filter((listener) => listener.protocol === protocol);
    const best = able.find((listener) => reaches(listener.bound.host, remote.host)) ?? able[0];
    return best?.channelTo(remote) ?? null;
  }

  async close(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()));
  }
}

/** A socket bound to loopback reaches only loopback, and the other way round a packet would leave with a wrong source. */
function reaches(bound: string, remote: string): boolean {
  if (isIPv6(bound) !== isIPv6(remote)) return false;
  return isWildcard(bound) || isLoopback(bound) === isLoopback(remote);
}

function advice(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program uses this port; stop it or choose another port';
    case 'EADDRNOTAVAIL':
      return 'no interface of this machine has this address; choose one that it has, or 0.0.0.0';
    case 'EACCES':
      return 'this port needs more rights; choose one from 1024 up';
    case 'ENOTFOUND':
      return 'the host name is not known; write an IP address';
    default:
      return code;
  }
}
