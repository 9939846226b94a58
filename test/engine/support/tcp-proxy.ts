import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A road between a client and a server that can be cut, or stop carrying anything without anyone being told. */
export class TcpProxy {
  readonly port: number;
  /** Connections that were ever taken. */
  taken = 0;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #frozen = false;
  #delay = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async to(port: number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server);
    server.on('connection', (near) => proxy.#join(near, connect({ port, host: '127.0.0.1', noDelay: true })));
    return proxy;
  }

  get open(): number {
    return this.#pairs.size;
  }

  /** Every connection is reset, as by a process that was killed; new ones are taken. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Every connection is ended in order, as by a process that exits. */
  end(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.end();
  }

  /** What is open stays open and carries nothing: a cable was pulled. */
  freeze(): void {
    this.#frozen = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** What clients say goes on; nothing of their servers comes back. */
  mute(): void {
    for (const [, far] of this.#pairs) far.pause();
  }

  /** Everything takes so many milliseconds longer, each way, in order; 0 ends it. */
  slow(ms: number): void {
    this.#delay = ms;
  }

  /** Says this to every client, as if its server had. */
  say(bytes: string): void {
    for (const [near] of this.#pairs) near.write(bytes, 'latin1');
  }

  /** New connections are carried again; those that were frozen are dropped. */
  mend(): void {
    this.#frozen = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    this.taken += 1;
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => {
        if (this.#delay === 0) to.write(chunk);
        else setTimeout(() => to.write(chunk), this.#delay);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#frozen) from.pause();
    }
  }
}
