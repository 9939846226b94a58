import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

/** For UDP: a second datagram to a port where nobody listens reports the ICMP error that the first one met. */
export async function listensAt(port: number, transport: 'udp' | 'tcp'): Promise<boolean> {
  if (transport === 'tcp') {
    const socket = connect(port, '127.0.0.1');
    const up = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return up;
  }
  const socket = createSocket('udp4').on('error', () => undefined);
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve));
  const keepAlive = () =>
    new Promise<boolean>((sent) => socket.send('\r\n\r\n', (error) => sent(error === null)));
  const up = (await keepAlive()) && (await keepAlive());
  socket.close();
  return up;
}
