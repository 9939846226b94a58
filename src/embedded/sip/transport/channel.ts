import type { Parsed } from '../message/parse.ts';

export type Protocol = 'udp' | 'tcp';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `host: '0.0.0.0'` and `port: 0` are allowed; `advertise` is the host to name in Via and Contact instead of `host`. */
export interface ListenAddress extends HostPort {
  readonly protocol: Protocol;
  readonly advertise?: string;
}

/** A way to send to one remote place, and the local address under which we are reached by it. */
export interface Channel {
  readonly protocol: Protocol;
  readonly reliable: boolean;
  readonly local: HostPort;
  readonly remote: HostPort;
  /** False once a connection is gone; a datagram channel is always open. */
  readonly open: boolean;
  /** `failed` is called at most once a message, when it is known not to have left. */
  send(bytes: Buffer, failed?: (error: Error) => void): void;
}

export interface TransportEvents {
  message(parsed: Parsed, channel: Channel): void;
  /** Whether a dialog goes over the connection to this place. */
  isInUse(remote: HostPort): boolean;
  /** A connection was refused, for this address has as many as it may. */
  crowded(remote: HostPort): void;
  /** Runs what a socket has called back; what that throws is a bug of ours, to be counted, and not the end of the process. */
  guard(run: () => void): void;
}

/** A listening socket. */
export interface Listener {
  readonly protocol: Protocol;
  /** As bound. */
  readonly bound: HostPort;
  readonly advertise: string | undefined;
  readonly connections: number;
  channelTo(remote: HostPort): Channel;
  close(): Promise<void>;
}
