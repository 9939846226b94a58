import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { upTime } from '../commands/engine.ts';
import type { CommandContext } from '../commands/command.ts';
import { EventSocketConnection } from './connection.ts';

const heartbeatMs = 20_000;

/** The event socket that others connect to, and the HEARTBEAT that goes out over it. */
export class InboundControl {
  readonly #server: Server;
  readonly #open: Set<EventSocketConnection>;
  readonly #heartbeat: NodeJS.Timeout;
  readonly address: { host: string; port: number };

  private constructor(server: Server, open: Set<EventSocketConnection>, context: CommandContext) {
    this.#server = server;
    this.#open = open;
    const { address, port } = server.address() as AddressInfo;
    this.address = { host: address, port };
    this.#heartbeat = setInterval(() => publishHeartbeat(context), heartbeatMs).unref();
  }

  /** Rejects where the address cannot be listened on. */
  static async listen(
    at: { host: string; port: number },
    secret: string,
    context: CommandContext,
  ): Promise<InboundControl> {
    const open = new Set<EventSocketConnection>();
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      const connection = new EventSocketConnection(socket, { context, secret });
      open.add(connection);
      socket.once('close', () => open.delete(connection));
    });
    server.listen(at.port, at.host);
    await once(server, 'listening');
    // No descriptor left for one more connection: those that there are go on.
    server.on('error', (error) => context.log('error', 'media.event_socket', { error: error.message }));
    return new InboundControl(server, open, context);
  }

  get open(): number {
    return this.#open.size;
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#open) connection.destroy();
    await closed;
  }
}

function publishHeartbeat({ events, identity, channels }: CommandContext): void {
  events.publish({ name: 'HEARTBEAT' }, () => {
    const ms = Date.now() - identity.startedAt;
    return {
      ...identity.headers('HEARTBEAT'),
      'Event-Info': 'System Ready',
      'Up-Time': upTime(ms),
      'FreeSWITCH-Version': '1.10.12-tollbridge',
      'Uptime-msec': String(ms),
      'Session-Count': String(channels.live),
      'Max-Sessions': '5000',
      'Session-Per-Sec': '1000',
      'Session-Since-Startup': String(channels.born),
      'Session-Peak-Max': String(channels.peak),
      'Idle-CPU': '100.000000',
    };
  });
}
