import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves once something listens there by UDP: until then a second datagram is told of the ICMP error of the first. */
export async function listensAt(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const refused = once(socket, 'error').then(() => true);
    socket.send('\r\n\r\n', () => undefined);
    const isRefused = await Promise.race([refused, pause(20, false)]);
    refused.catch(() => undefined);
    socket.close();
    if (!isRefused) return;
    await pause(20);
  }
  throw new Error(`nobody listens on port ${port}`);
}
