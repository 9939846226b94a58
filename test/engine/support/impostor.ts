import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Impostor {
  readonly port: number;
  /** Connections that were ever taken. */
  taken(): number;
  close(): void;
}

/** A server that does what it likes with each connection. */
export async function impostor(behave: (socket: Socket) => void): Promise<Impostor> {
  let taken = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    taken += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    behave(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    taken: () => taken,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Greets as FreeSWITCH does, then answers each command by what `answers` says. */
export const freeswitchLike =
  (answers: (command: string) => string) =>
  (socket: Socket): void => {
    socket.write('Content-Type: auth/request\n\n');
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      for (let end = said.indexOf('\n\n'); end >= 0; end = said.indexOf('\n\n')) {
        socket.write(answers(said.slice(0, end).trim()));
        said = said.slice(end + 2);
      }
    });
  };

export const accepted = 'Content-Type: command/reply\nReply-Text: +OK accepted\n\n';
export const refused = 'Content-Type: command/reply\nReply-Text: -ERR invalid\n\n';
export const answered = (text: string): string =>
  `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`;

/** Answers whoever knocks as a drachtio server of that version does. */
export const drachtioLike =
  (...words: readonly string[]) =>
  (socket: Socket): void => {
    const frame = ['answer', 'response', 'knock', ...words].join('|');
    socket.once('data', () => socket.write(`${Buffer.byteLength(frame)}#${frame}`));
  };
