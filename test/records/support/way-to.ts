import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Way {
  /** Of the database, by this way. */
  readonly url: string;
  /** Nobody who is connected stays so, and nobody comes through. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** A way to the database that can be cut and mended. */
export async function wayTo(url: string): Promise<Way> {
  const to = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const near = Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(address.port) });
  return {
    url: near.href,
    cut,
    mend: () => {
      isCut = false;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
