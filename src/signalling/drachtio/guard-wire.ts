import type { Socket } from 'node:net';
import type { Log } from '../../log.ts';
import { stackOf } from '../../message-of.ts';
import type { SrfWire } from './srf.ts';

/**
 * What the library throws while it reads would end the process. A message that it, or who hears of it, cannot digest is
 * told and skipped; a stream that is no drachtio's any more costs the connection, which is then made anew.
 */
export function guardWire(wire: SrfWire, log: Log): void {
  const listeners = wire.listeners('msg') as ((socket: Socket, message: string) => void)[];
  wire.removeAllListeners('msg');
  for (const listener of listeners)
    wire.on('msg', (socket, message) => {
      try {
        listener(socket, message);
      } catch (error) {
        log('error', 'signalling_message_failed', { error: stackOf(error) });
      }
    });
  wire.on('connect', (socket) => {
    const readers = socket.listeners('data') as ((chunk: Buffer) => void)[];
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const read of readers) read(chunk);
      } catch (error) {
        log('error', 'signalling_link_garbled', { error: stackOf(error).slice(0, 200) });
        socket.destroy();
      }
    });
  });
}
