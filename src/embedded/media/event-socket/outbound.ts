import { connect } from 'node:net';
import type { Channel } from '../channel/channel.ts';
import { writeChannel, writeProfile, writeVariables } from '../channel/channel-headers.ts';
import type { CommandContext } from '../commands/command.ts';
import { EventSocketConnection } from './connection.ts';
import { plainHeaders } from './event.ts';

const connectTimeoutMs = 3000;

/** The connections that we open, one a channel, to whoever is to control it. */
export class OutboundControl {
  readonly #context: CommandContext;
  readonly #open = new Set<EventSocketConnection>();
  readonly #lingering = new Set<NodeJS.Timeout>();

  constructor(context: CommandContext) {
    this.#context = context;
  }

  get open(): number {
    return this.#open.size;
  }

  get timers(): number {
    return this.#lingering.size;
  }

  /** Calls the controller of a channel. A channel that has none, or loses it, is hung up: nobody else would. */
  control(channel: Channel, controller: { host: string; port: number }): void {
    const socket = connect({ ...controller, noDelay: true });
    const connection = new EventSocketConnection(socket, {
      context: this.#context,
      secret: undefined,
      channel,
      channelData: () => plainHeaders(this.#channelData(channel)),
    });
    this.#open.add(connection);
    socket.setTimeout(connectTimeoutMs, () => socket.destroy());
    socket.once('connect', () => socket.setTimeout(0));
    socket.once('close', () => {
      this.#open.delete(connection);
      if (channel.hangupCause !== undefined) return;
      const reached = socket.bytesRead > 0;
      this.#context.log('warn', 'media.controller_lost', { channel: channel.uuid, ...controller, reached });
      channel.hangup('DESTINATION_OUT_OF_ORDER');
    });
    channel.onEnd(() => this.#release(connection));
  }

  close(): void {
    for (const timer of this.#lingering) clearTimeout(timer);
    this.#lingering.clear();
    for (const connection of this.#open) connection.destroy();
  }

  /** At once, or when the time is up for which the controller asked to `linger`. */
  #release(connection: EventSocketConnection): void {
    const seconds = connection.lingerSeconds ?? 0;
    if (seconds <= 0) {
      connection.disconnect();
      return;
    }
    const timer = setTimeout(() => {
      this.#lingering.delete(timer);
      connection.disconnect();
    }, seconds * 1000);
    this.#lingering.add(timer);
  }

  #channelData(channel: Channel): Record<string, string> {
    const headers = writeProfile(this.#context.identity.headers('CHANNEL_DATA'), channel, 'Channel-');
    return writeVariables(writeChannel(headers, channel), channel);
  }
}
