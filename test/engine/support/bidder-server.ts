/** A bidder's far end: a real HTTP server, or a bare socket for what no HTTP server would say. */
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface FarBidder {
  readonly url: string;
  /** What was asked, in order. */
  readonly questions: Question[];
  /** Every connection that was ever made, open or not. */
  readonly sockets: Socket[];
  /** Resolves once every connection that was made is closed. */
  allClosed(): Promise<void>;
  close(): Promise<void>;
}

export interface Question {
  readonly method: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: unknown;
}

const json = { 'content-type': 'application/json' };

export const bidding = (price: string, expiresIn = 30) => `{"price":"${price}","expires_in":${expiresIn}}`;

/** Answers with this body, or as it is told to. */
export async function httpBidder(
  answer: string | ((request: IncomingMessage, response: ServerResponse) => void),
): Promise<FarBidder> {
  const questions: Question[] = [];
  const server = http.createServer((request, response) => {
    void bodyOf(request).then((body) => {
      questions.push({ method: request.method ?? '', headers: request.headers, body });
      if (typeof answer === 'string') response.writeHead(200, json).end(answer);
      else answer(request, response);
    });
  });
  // Kept until we let go of it, so that a test sees who does.
  server.keepAliveTimeout = 0;
  return listening(server, questions);
}

/** Says these bytes as soon as anything is asked; null: says nothing at all. */
export async function bareBidder(
  say: string | Buffer | ((socket: Socket) => void) | null,
): Promise<FarBidder> {
  const questions: Question[] = [];
  const server = net.createServer((socket) => {
    socket.on('data', () => {
      if (typeof say === 'function') say(socket);
      else if (say !== null) socket.write(say);
    });
  });
  return listening(server, questions);
}

async function listening(server: net.Server, questions: Question[]): Promise<FarBidder> {
  const sockets: Socket[] = [];
  const closed: Promise<unknown>[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    closed.push(new Promise((resolve) => socket.once('close', resolve)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bid`,
    questions,
    sockets,
    allClosed: async () => {
      await Promise.all(closed);
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}
