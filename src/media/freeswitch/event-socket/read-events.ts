import type Mrf from 'drachtio-fsmrf';
import { MessageReader } from './message-reader.ts';
import { eventOf } from './socket-event.ts';

/**
 * Reads a connection of drachtio-modesl's in place of its own parser, which decodes each of a channel's two hundred headers
 * for the five that are looked at, throws where nobody can catch it at a header that it cannot decode, and keeps whatever
 * comes. To be called before the connection has heard anything, or between two messages. Who does not speak as
 * FreeSWITCH does is told once; where it cannot be known any more what is a message, the connection is ended.
 */
export function readEvents(
  connection: Mrf.EslConnection,
  longest: number,
  onGibberish: (from: string) => void,
): void {
  const { socket, parser } = connection;
  if (!socket) return;
  const reader = new MessageReader(longest);
  let isTold = false;
  const gibberish = () => {
    if (!isTold) onGibberish(socket.remoteAddress ?? '');
    isTold = true;
  };
  const read = (bytes: Buffer) => {
    for (const message of reader.take(bytes)) {
      const event = eventOf(message);
      const type = message.head.get('Content-Type');
      if (event === null) gibberish();
      else
        connection._onEvent(event, { 'Content-Type': type, 'Event-Name': event.getType() }, event.getBody());
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
