import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** The address of this machine that packets to `host` leave from: a connected UDP socket knows, and sends nothing. */
export async function localAddressTowards(host: string, port: number): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.connect(port, host);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}
