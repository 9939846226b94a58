import { gatherWrites } from '../../gather-writes.ts';
import type { Log } from '../../log.ts';
import type { SrfWire } from './srf.ts';

/** The third tick after the last sign of life finds two pings unanswered: a dead link is known within 4.5 s. */
const pingEvery = 1_500;
const mayMiss = 2;
/** The network's own patience with a connection that does not come about is two minutes. */
const connectWithin = 3_000;

/**
 * The library sends pings without looking for their answers, and reads a link that carries nothing any more as a quiet
 * one (drachtio-server #432). This looks, and drops a connection that went dead: the library then makes another.
 * Returns the end of the watch.
 */
export function watchWire(wire: SrfWire, log: Log): () => void {
  let unanswered = 0;
  let pinging: NodeJS.Timeout | undefined;
  let connecting: NodeJS.Timeout | undefined;
  const stop = () => {
    clearInterval(pinging);
    clearTimeout(connecting);
  };
  wire.on('connect', (socket) => {
    stop();
    // The library does so for its first connection only; later ones would wait 40 ms for each delayed ACK.
    socket.setNoDelay(true);
    gatherWrites(socket);
    unanswered = 0;
    pinging = setInterval(() => {
      if (unanswered < mayMiss) {
        unanswered += 1;
        wire.send(socket, 'ping');
        return;
      }
      stop();
      log('warn', 'signalling_link_silent', { pings: unanswered });
      socket.destroy();
    }, pingEvery);
  });
  // Whatever the server says, it lives; a server that knows no pings says so.
  wire.on('msg', () => {
    unanswered = 0;
  });
  wire.on('close', stop);
  wire.on('reconnecting', ({ delay }) => {
    connecting = setTimeout(() => {
      if (wire.socket?.connecting) wire.socket.destroy();
    }, delay + connectWithin);
  });
  return stop;
}
