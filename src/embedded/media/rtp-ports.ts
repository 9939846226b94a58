import { createSocket, type Socket } from 'node:dgram';

/**
 * Even ports of a range, handed out in turn, so that a port just given back is the last to be used again:
 * packets on their way to a call that ended do not reach the next one.
 */
export class RtpPorts {
  readonly #host: string;
  readonly #first: number;
  readonly #count: number;
  #turn: number;
  #open = 0;

  constructor(host: string, min: number, max: number) {
    this.#host = host;
    this.#first = min + (min % 2);
    this.#count = Math.max(0, Math.floor((max - this.#first) / 2) + 1);
    this.#turn = Math.floor(Math.random() * this.#count);
  }

  get open(): number {
    return this.#open;
  }

  /** A bound socket; undefined when the range is used up. */
  async bind(): Promise<Socket | undefined> {
    for (let tries = 0; tries < this.#count; tries++) {
      const socket = await tryBind(this.#host, this.#first + 2 * (this.#turn++ % this.#count));
      if (socket === undefined) continue;
      this.#open++;
      socket.once('close', () => this.#open--);
      return socket;
    }
    return undefined;
  }
}

function tryBind(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: 'udp4',
      // Addresses come from SDP as numbers: dgram need not ask a resolver for each packet.
      lookup: (address, _options, callback) => callback(null, address, 4),
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
