import { connect, createServer, type Server, type Socket } from 'node:net';
import { parseMessage } from '../message/parse.ts';
import { hostText } from '../message/uri.ts';
import { advertisedAddress } from './advertised.ts';
import type { Channel, HostPort, ListenAddress, Listener, TransportEvents } from './channel.ts';
import { Patience, type ConnectionLimits } from './connection-limits.ts';
import { StreamFramer } from './stream-framer.ts';

const connectTimeout = 5_000;
const keepAliveProbe = 60_000;
const maxConnections = 4_096;
/** A far end that reads nothing is not fed for ever. */
const maxUnsent = 4 * 1024 * 1024;

/** Rejects with the system's error where the address is taken or not ours. */
export async function listenTcp(
  address: ListenAddress,
  events: TransportEvents,
  limits: ConnectionLimits,
): Promise<Listener> {
  const server = createServer({ noDelay: true });
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address.host, port: address.port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return new TcpListener(server, address, events, limits);
}

class TcpListener implements Listener {
  readonly protocol = 'tcp';
  readonly bound: HostPort;
  readonly advertise: string | undefined;
  readonly #server: Server;
  readonly #events: TransportEvents;
  /** By remote host:port, so that a request to whoever connected to us goes over that connection. */
  readonly #connections = new Map<string, TcpChannel>();
  /** Connections that were opened to us, by the address that they come from. */
  readonly #accepted = new Map<string, number>();
  readonly #limits: ConnectionLimits;

  constructor(server: Server, address: ListenAddress, events: TransportEvents, limits: ConnectionLimits) {
    const bound = server.address();
    this.bound = { host: address.host, port: typeof bound === 'object' && bound ? bound.port : address.port };
    this.advertise = address.advertise;
    this.#server = server;
    this.#events = events;
    this.#limits = limits;
    server.on('error', () => undefined);
    server.on('connection', (socket) => this.#accept(socket));
  }

  get connections(): number {
    return this.#connections.size;
  }

  channelTo(remote: HostPort): Channel {
    const existing = this.#connections.get(keyOf(remote));
    if (existing?.open === true) return existing;
    return this.#adopt(connect({ host: remote.host, port: remote.port, noDelay: true }), remote, false);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const connection of this.#connections.values()) connection.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const remote = { host: bareHost(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    const others = this.#accepted.get(remote.host) ?? 0;
    if (others >= this.#limits.perPeer) {
      socket.destroy();
      this.#events.crowded(remote);
      return;
    }
    this.#accepted.set(remote.host, others + 1);
    socket.once('close', () => {
      const left = (this.#accepted.get(remote.host) ?? 1) - 1;
      if (left > 0) this.#accepted.set(remote.host, left);
      else this.#accepted.delete(remote.host);
    });
    this.#adopt(socket, remote, true);
  }

  /** `isOwed`: the far end has opened it, and is to send something. */
  #adopt(socket: Socket, remote: HostPort, isOwed: boolean): TcpChannel {
    const patience = new Patience(
      this.#limits,
      isOwed,
      () => this.#events.isInUse(remote),
      () => socket.destroy(),
    );
    const local = advertisedAddress(this.bound, this.advertise, remote.host);
    const channel = new TcpChannel(socket, local, remote, this.#events, patience);
    const key = keyOf(remote);
    this.#connections.set(key, channel);
    socket.once('close', () => {
      patience.stop();
      if (this.#connections.get(key) === channel) this.#connections.delete(key);
    });
    const framer = new StreamFramer();
    socket.on('data', (chunk: Buffer) => {
      let isWhole = false;
      for (const piece of framer.push(chunk)) {
        if (piece === 'lost') {
          channel.destroy();
          return;
        }
        if (piece === 'keepalive') socket.write('\r\n');
        else {
          isWhole = true;
          this.#events.guard(() => this.#events.message(parseMessage(piece), channel));
        }
      }
      patience.heard(isWhole, framer.hasBegun);
    });
    return channel;
  }
}

class TcpChannel implements Channel {
  readonly protocol = 'tcp';
  readonly reliable = true;
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly #socket: Socket;
  /** Messages handed to the socket before it connected or whose write is under way. */
  readonly #pending = new Set<(error: Error) => void>();
  readonly #events: TransportEvents;
  readonly #patience: Patience;
  #fault: Error | null = null;

  constructor(
    socket: Socket,
    local: HostPort,
    remote: HostPort,
    events: TransportEvents,
    patience: Patience,
  ) {
    this.#socket = socket;
    this.#events = events;
    this.#patience = patience;
    this.local = local;
    this.remote = remote;
    socket.setKeepAlive(true, keepAliveProbe);
    if (socket.connecting) {
      socket.setTimeout(connectTimeout, () =>
        socket.destroy(new Error('the connection was not accepted in time')),
      );
      socket.once('connect', () => socket.setTimeout(0));
    }
    socket.on('error', (error) => (this.#fault = error));
    socket.once('close', () => this.#failPending());
  }

  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  send(bytes: Buffer, failed?: (error: Error) => void): void {
    if (!this.open || this.#socket.writableLength > maxUnsent) {
      this.destroy();
      queueMicrotask(() => this.#events.guard(() => failed?.(new Error('the connection is closed'))));
      return;
    }
    this.#patience.sent();
    if (failed) this.#pending.add(failed);
    this.#socket.write(bytes, (error) => {
      if (failed && !error) this.#pending.delete(failed);
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #failPending(): void {
    const error = this.#fault ?? new Error(`the connection to ${keyOf(this.remote)} closed`);
    for (const failed of [...this.#pending]) this.#events.guard(() => failed(error));
    this.#pending.clear();
  }
}

function keyOf({ host, port }: HostPort): string {
  return `${hostText(host)}:${port}`;
}

/** A dual-stack socket names IPv4 peers as ::ffff:10.0.0.1. */
function bareHost(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
