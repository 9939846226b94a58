import type Mrf from 'drachtio-fsmrf';
import { MessageReader } from './message-reader.ts';
import { eventOf, type SocketEvent } from './socket-event.ts';

/** Who is told of what is not as it should be on a connection. */
export interface ReadingEvents {
  /** It, from this address, does not speak as an event socket does. */
  readonly onGibberish: (address: string) => void;
  /** Who heard a message threw: a defect. */
  readonly onThrown: (error: unknown) => void;
}

/**
 * Reads a connection of drachtio-modesl's in place of its own parser, which decodes each of a channel's two hundred headers
 * for the five that are looked at, throws where nobody can catch it at a header that it cannot decode, and keeps whatever
 * comes. To be called before the connection has heard anything, or between two messages. Who does not speak as
 * FreeSWITCH does is told once; where it cannot be known any more what is a message, the connection is ended. Whoever throws
 * as it hears a message has heard it: replies are told apart by their order alone, so none of those after it may be lost.
 */
export function readEvents(
  connection: Mrf.EslConnection,
  longest: number,
  { onGibberish, onThrown }: ReadingEvents,
): void {
  const { socket, parser } = connection;
  if (!socket) return;
  const reader = new MessageReader(longest);
  let isTold = false;
  const gibberish = () => {
    if (!isTold) onGibberish(socket.remoteAddress ?? '');
    isTold = true;
  };
  const hear = (event: SocketEvent, type: string | undefined) => {
    try {
      connection._onEvent(event, { 'Content-Type': type, 'Event-Name': event.getType() }, event.getBody());
    } catch (error) {
      onThrown(error);
    }
  };
  const read = (bytes: Buffer) => {
    for (const message of reader.take(bytes)) {
      const event = eventOf(message);
      const type = message.head.get('Content-Type');
      if (event === null) gibberish();
      else hear(event, type);
    }
    if (!reader.isBroken) return;
    gibberish();
    socket.destroy();
  };
  socket.removeAllListeners('data');
  socket.on('data', read);
  const unread = parser.buffer;
  parser.buffer = Buffer.alloc(0);
  read(unread);
}
