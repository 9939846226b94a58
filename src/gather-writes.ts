import type { Socket } from 'node:net';

/**
 * What is written to a socket in one turn of the event loop leaves in one piece: each piece is a system call here, a
 * packet on the way and a wake-up there. For sockets of libraries that write line by line.
 */
export function gatherWrites(socket: Socket): void {
  let isGathering = false;
  const write = socket.write.bind(socket) as (...args: Parameters<Socket['write']>) => boolean;
  socket.write = ((...args: Parameters<Socket['write']>) => {
    if (!isGathering) {
      isGathering = true;
      socket.cork();
      setImmediate(() => {
        isGathering = false;
        socket.uncork();
      });
    }
    return write(...args);
  }) as Socket['write'];
}
