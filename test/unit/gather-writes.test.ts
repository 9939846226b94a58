import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { gatherWrites } from '../../src/gather-writes.ts';

test('what is written in one turn arrives in one piece, in order, and the next turn’s after it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  const [far] = (await once(server, 'connection')) as [Socket];
  gatherWrites(socket);
  const pieces: string[] = [];
  far.on('data', (piece: Buffer) => pieces.push(piece.toString()));
  socket.write('api status\n');
  await Promise.resolve();
  socket.write('\n');
  await once(far, 'data');
  expect(pieces).toEqual(['api status\n\n']);
  const written = new Promise<void>((resolve) => socket.write('exit\n\n', () => resolve()));
  await written;
  socket.end('bye');
  await once(far, 'end');
  expect(pieces.join('')).toBe('api status\n\nexit\n\nbye');
  far.destroy();
  server.close();
  await once(server, 'close');
});
