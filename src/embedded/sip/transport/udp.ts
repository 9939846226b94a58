import { createSocket, type Socket } from 'node:dgram';
import { parseMessage } from '../message/parse.ts';
import { advertisedAddress } from './advertised.ts';
import type { Channel, HostPort, ListenAddress, Listener, TransportEvents } from './channel.ts';

/** The kernel's buffer holds a burst of some thousand messages; the default drops calls at a few hundred a second. */
const receiveBuffer = 4 * 1024 * 1024;

/** Rejects with the system's error where the address is taken or not ours. */
export async function listenUdp(address: ListenAddress, events: TransportEvents): Promise<Listener> {
  const socket = createSocket({ type: address.host.includes(':') ? 'udp6' : 'udp4' });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: address.host, port: address.port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // What ICMP tells of one far end is not the fault of the socket; transactions have their own timers.
  socket.on('error', () => undefined);
  growBuffer(socket);
  const bound = { host: address.host, port: socket.address().port };
  const channelTo = (remote: HostPort) =>
    new UdpChannel(socket, advertisedAddress(bound, address.advertise, remote.host), remote, events);
  socket.on('message', (bytes, from) => {
    if (isKeepAlive(bytes)) return;
    events.guard(() =>
      events.message(parseMessage(bytes), channelTo({ host: from.address, port: from.port })),
    );
  });
  const close = () => new Promise<void>((resolve) => void socket.close(() => resolve()));
  return { protocol: 'udp', bound, advertise: address.advertise, connections: 0, channelTo, close };
}

class UdpChannel implements Channel {
  readonly protocol = 'udp';
  readonly reliable = false;
  readonly open = true;
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly #socket: Socket;
  readonly #events: TransportEvents;

  constructor(socket: Socket, local: HostPort, remote: HostPort, events: TransportEvents) {
    this.#socket = socket;
    this.#events = events;
    this.local = local;
    this.remote = remote;
  }

  send(bytes: Buffer, failed?: (error: Error) => void): void {
    try {
      this.#socket.send(bytes, this.remote.port, this.remote.host, (error) => {
        if (error) this.#events.guard(() => failed?.(error));
      });
    } catch (error) {
      // The socket was closed under a transaction, or the port is out of range.
      const reason = error instanceof Error ? error : new Error(String(error));
      queueMicrotask(() => this.#events.guard(() => failed?.(reason)));
    }
  }
}

function growBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receiveBuffer);
  } catch {
    // The system's limit is lower; its default then stands.
  }
}

/** RFC 5626 keep-alives and the padding of NAT boxes. */
function isKeepAlive(bytes: Buffer): boolean {
  return bytes.length < 8 && bytes.every((byte) => byte === 13 || byte === 10 || byte === 0);
}
