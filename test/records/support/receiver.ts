/** A web server that is told of calls, and behaves as it is asked to. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly id: string;
}

export interface Receiver {
  readonly url: string;
  readonly heard: Heard[];
  /** How it answers; 204 until said otherwise. */
  answer: (response: ServerResponse, heard: Heard) => void;
  /** Resolves once it has heard so many. */
  count(messages: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const heard: Heard[] = [];
  let waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers } = request;
      const one = { headers, body: Buffer.concat(chunks).toString(), id: String(headers['webhook-id']) };
      heard.push(one);
      receiver.answer(response, one);
      for (const resolve of waiting.splice(0)) resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/calls`,
    heard,
    answer: (response) => response.writeHead(204).end(),
    count: async (messages) => {
      while (heard.length < messages) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    stop: async () => {
      waiting = [];
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
