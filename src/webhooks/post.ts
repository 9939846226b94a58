/**
 * One message to a web server, on a connection that is kept for the next one. Whatever the other side does, there is an
 * answer when the time is up. A redirect is an answer like any other: what is signed goes where the config says.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { settleable } from '../deadline.ts';

export type Answer =
  | {
      readonly kind: 'status';
      readonly status: number;
      /** What `Retry-After` asks for. */
      readonly retryAfterMs: number | null;
    }
  /** In a word that holds neither address nor secret: `ECONNREFUSED`, `timeout`. */
  | { readonly kind: 'none'; readonly why: string };

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Post {
  /** Resolves within `timeout` milliseconds of now; never rejects. */
  send(message: Message, timeout: number): Promise<Answer>;
  /** What is under way ends without an answer; no connection stays open. */
  close(): void;
}

const pool = { keepAlive: true, maxFreeSockets: 2, timeout: 30_000 };
/** Beyond this an answer is not read to its end, and its connection is not used again. */
const mostRead = 64 * 1024;
const readWithin = 2_000;

export function openPost(): Post {
  const agents: Agents = { plain: new http.Agent(pool), secure: new https.Agent(pool) };
  const underWay = new Set<AbortController>();
  return {
    async send(message, timeout) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), timeout);
      underWay.add(late);
      try {
        const first = await exchange(message, agents, late.signal);
        if (first !== 'stale') return first;
        // A kept connection that its other side let go of as we spoke says nothing of the server.
        const second = await exchange(message, agents, late.signal);
        return second === 'stale' ? none('ECONNRESET') : second;
      } finally {
        clearTimeout(timer);
        underWay.delete(late);
      }
    },
    close() {
      for (const late of underWay) late.abort();
      agents.plain.destroy();
      agents.secure.destroy();
    },
  };
}

interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

function exchange({ url: text, headers, body }: Message, agents: Agents, signal: AbortSignal) {
  const { promise, settle } = settleable<Answer | 'stale'>();
  const url = new URL(text);
  const isSecure = url.protocol === 'https:';
  const request = (isSecure ? https : http).request(url, {
    method: 'POST',
    agent: isSecure ? agents.secure : agents.plain,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'accept-encoding': 'identity',
      'user-agent': 'tollbridge',
    },
    maxHeaderSize: 16_384,
  });
  const giveUp = () => {
    settle(none('timeout'));
    request.destroy();
  };
  request.on('response', (response) => {
    settle(answerOf(response));
    discard(response);
  });
  request.on('error', (error) => {
    const code = codeOf(error);
    settle(request.reusedSocket && stale.has(code) ? 'stale' : none(code));
  });
  // A switch of protocols ends in neither response nor error.
  request.on('close', () => {
    signal.removeEventListener('abort', giveUp);
    settle(none('no response'));
  });
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  request.end(body);
  return promise;
}

const answerOf = ({ statusCode = 0, headers }: IncomingMessage): Answer => ({
  kind: 'status',
  status: statusCode,
  retryAfterMs: retryAfter(headers['retry-after']),
});

/** Read to its end where that is near, so that the connection can be used again. */
function discard(response: IncomingMessage): void {
  let size = 0;
  const late = setTimeout(() => response.destroy(), readWithin);
  response.on('close', () => clearTimeout(late));
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > mostRead) response.destroy();
  });
}

/** Seconds alone: a date would be told by another clock. */
function retryAfter(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : null;
}

const stale: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

const none = (why: string): Answer => ({ kind: 'none', why });

/** Node's own words are left out: they may hold the address. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}
