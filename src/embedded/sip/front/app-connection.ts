import type { Socket } from 'node:net';
import { FrameReader } from './frames.ts';
import { replyFrame } from './frame-lines.ts';

export interface AppMessage {
  readonly id: string;
  /** All tokens: 0 the id, 1 the command. */
  readonly tokens: readonly string[];
  /** What follows the line of tokens. */
  readonly sip: Buffer;
}

interface AppHandlers {
  message(app: AppConnection, message: AppMessage): void;
  closed(app: AppConnection): void;
}

/** An app that stops reading is cut off before its unread frames fill the memory. */
const maxUnsent = 64 * 1024 * 1024;

/** One app on the control port. */
export class AppConnection {
  authenticated = false;
  readonly #socket: Socket;

  constructor(socket: Socket, handlers: AppHandlers) {
    this.#socket = socket;
    socket.setNoDelay(true);
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      for (const payload of reader.push(chunk)) {
        if (payload === 'lost') return void socket.destroy();
        handlers.message(this, split(payload));
      }
    });
    socket.on('error', () => undefined);
    socket.once('close', () => handlers.closed(this));
  }

  /** False once the app is gone; what is sent then is lost, and who sends it must know what to do instead. */
  get connected(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** Frames of one turn of the event loop leave in one packet. */
  send(bytes: Buffer): void {
    if (!this.connected) return;
    if (this.#socket.writableLength > maxUnsent) return void this.#socket.destroy();
    this.#socket.cork();
    process.nextTick(() => this.#socket.uncork());
    this.#socket.write(bytes);
  }

  reply(id: string, verdict: 'OK' | 'NO' | 'NOK', ...details: string[]): void {
    this.send(replyFrame(id, verdict, ...details));
  }

  /** Sends what is queued, then closes. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function split(payload: Buffer): AppMessage {
  const end = payload.indexOf('\r\n');
  const line = payload.toString('latin1', 0, end < 0 ? payload.length : end);
  const tokens = line.split('|');
  return { id: tokens[0] ?? '', tokens, sip: end < 0 ? Buffer.alloc(0) : payload.subarray(end + 2) };
}
