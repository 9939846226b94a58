/** One event socket, read by drachtio-modesl's own parser and by ours, to be compared. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type Mrf from 'drachtio-fsmrf';
import { readEvents } from '../../src/media/freeswitch/event-socket/read-events.ts';
import type { SocketEvent } from '../../src/media/freeswitch/event-socket/socket-event.ts';

export interface Heard {
  readonly contentType: string | undefined;
  readonly type: string | undefined;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
}

interface LibraryEvent {
  readonly type: string | undefined;
  readonly headers: readonly { readonly name: string; readonly value: unknown }[];
  readonly body: string;
}

type LibraryParser = new (socket: EventEmitter) => {
  on(name: 'esl::event', listener: (event: LibraryEvent, headers: Record<string, string>) => void): void;
  on(name: 'error', listener: (error: Error) => void): void;
};

const Parser = createRequire(import.meta.url)('drachtio-modesl/lib/esl/Parser') as LibraryParser;

/** @throws what the library does */
export function byLibrary(pieces: readonly Buffer[]): Heard[] {
  const socket = new EventEmitter();
  const parser = new Parser(socket);
  const heard: Heard[] = [];
  parser.on('esl::event', ({ type, headers, body }, head) =>
    heard.push({
      contentType: head['Content-Type'],
      type,
      // It repeats a reply under a name of its own, for its login.
      headers: headers
        .filter(({ name }) => !name.startsWith('Modesl-'))
        .map(({ name, value }) => ({
          name,
          value: Array.isArray(value) ? JSON.stringify(value) : String(value),
        })),
      body,
    }),
  );
  parser.on('error', (error) => {
    throw error;
  });
  for (const piece of pieces) socket.emit('data', piece);
  return heard;
}

/** `unread` is what the library had begun with when ours took over. */
export function byOurs(
  pieces: readonly Buffer[],
  longest = 1_000_000,
  unread: Buffer = Buffer.alloc(0),
  /** Who hears an event, and may throw. */
  hear: (nth: number) => void = () => undefined,
): { events: Heard[]; gibberish: number; thrown: unknown[]; isEnded: boolean } {
  const outcome = { events: [] as Heard[], gibberish: 0, thrown: [] as unknown[], isEnded: false };
  const socket = Object.assign(new EventEmitter(), { destroy: () => (outcome.isEnded = true) });
  const connection = {
    socket,
    parser: { buffer: unread },
    _onEvent: (event: SocketEvent, head: { 'Content-Type': string }, body: string) => {
      outcome.events.push({
        contentType: head['Content-Type'],
        type: event.getType(),
        headers: event.headers,
        body,
      });
      hear(outcome.events.length);
    },
  };
  readEvents(connection as unknown as Mrf.EslConnection, longest, {
    onGibberish: () => outcome.gibberish++,
    onThrown: (error) => outcome.thrown.push(error),
  });
  for (const piece of pieces) socket.emit('data', piece);
  return outcome;
}

/** Cut after so many bytes, again and again; the rest is the last piece. */
export function inPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const cut of cuts) {
    if (at >= bytes.length) break;
    pieces.push(bytes.subarray(at, at + cut));
    at += cut;
  }
  return [...pieces, bytes.subarray(at)].filter((piece) => piece.length > 0);
}
