/**
 * A question and its answer over HTTP, on connections that are kept for the next one. Whatever the other side does,
 * there is an outcome when the time is up: resolving, connecting, TLS, headers and body all draw on one deadline.
 */
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { settleable } from '../deadline.ts';
import { noBid, type NoBid } from './outcome.ts';

export type Reply = { readonly kind: 'answer'; readonly body: Uint8Array } | NoBid;

interface Exchange {
  /** Resolves within `timeout` milliseconds of now; never rejects. */
  post(url: string, json: string, timeout: number): Promise<Reply>;
  /** What is under way ends as `failed`; no connection stays open. */
  close(): void;
}

export const mostBytes = 4096;
const mostHeaderBytes = 8192;

/** A bidder that hangs holds a connection for each call until its time is up: it shall not have all our descriptors. */
const pool = { keepAlive: true, maxSockets: 256, maxFreeSockets: 32, timeout: 30_000 };

export function openExchange(): Exchange {
  const plain = new http.Agent(pool);
  const secure = new https.Agent(pool);
  const underWay = new Set<Posting>();
  let closed = false;
  return {
    async post(url, json, timeout) {
      if (closed) return noBid('failed', 'closed');
      const posting = new Posting(url, json, { plain, secure });
      underWay.add(posting);
      const timer = setTimeout(() => posting.abandon(noBid('timeout')), timeout);
      try {
        posting.ask();
        return await posting.reply;
      } finally {
        clearTimeout(timer);
        underWay.delete(posting);
      }
    },
    close() {
      closed = true;
      for (const posting of underWay) posting.abandon(noBid('failed', 'closed'));
      plain.destroy();
      secure.destroy();
    },
  };
}

/** One question on its way, over a second connection where the first one turns out to be stale. */
class Posting {
  readonly reply: Promise<Reply>;
  readonly #settle: (reply: Reply) => void;
  readonly #url: string;
  readonly #json: string;
  readonly #agents: { readonly plain: http.Agent; readonly secure: https.Agent };
  #request: ClientRequest | null = null;
  #isOver = false;

  constructor(
    url: string,
    json: string,
    agents: { readonly plain: http.Agent; readonly secure: https.Agent },
  ) {
    const { promise, settle } = settleable<Reply>();
    this.reply = promise;
    this.#settle = settle;
    this.#url = url;
    this.#json = json;
    this.#agents = agents;
  }

  ask(): void {
    try {
      this.#send();
    } catch (error) {
      // What no request can be made of is thrown at once: a URL of another scheme, say.
      this.abandon(noBid('failed', codeOf(error)));
    }
  }

  /** The connection goes too: what would still come on it belongs to nobody. */
  abandon(reply: NoBid): void {
    if (this.#isOver) return;
    this.#end(reply);
    this.#request?.destroy();
  }

  #end(reply: Reply): void {
    this.#isOver = true;
    this.#settle(reply);
  }

  #send(): void {
    const url = new URL(this.#url);
    const options = { method: 'POST', headers, maxHeaderSize: mostHeaderBytes };
    const request =
      url.protocol === 'https:'
        ? https.request(url, { ...options, agent: this.#agents.secure })
        : http.request(url, { ...options, agent: this.#agents.plain });
    this.#request = request;
    let isAnswered = false;
    request.on('response', (response) => {
      isAnswered = true;
      this.#hear(response);
    });
    request.on('error', (error) => this.#fail(error, request.reusedSocket && !isAnswered));
    // A switch of protocols ends in neither response nor error.
    request.on('close', () => {
      if (!isAnswered && request === this.#request) this.abandon(noBid('failed', 'no response'));
    });
    request.end(this.#json);
  }

  #fail(error: Error, mayBeStale: boolean): void {
    if (this.#isOver) return;
    const code = codeOf(error);
    // A kept connection that its other side let go of as we spoke says nothing of the bidder. Each is found stale once.
    if (mayBeStale && letGo.has(code)) this.ask();
    else if (code === 'HPE_HEADER_OVERFLOW') this.abandon(noBid('too_large', code));
    else this.abandon(noBid(code.startsWith('HPE_') ? 'malformed' : 'failed', code));
  }

  #hear(response: IncomingMessage): void {
    response.on('error', (error) => this.abandon(noBid('failed', codeOf(error))));
    const refusal = refusalOf(response);
    if (refusal === 'no_bid') {
      response.resume();
      this.#end(noBid('refused'));
    } else if (refusal !== null) {
      this.abandon(refusal);
    } else {
      this.#read(response);
    }
  }

  #read(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) this.abandon(noBid('too_large'));
      else chunks.push(chunk);
    });
    response.on('end', () => this.#end({ kind: 'answer', body: Buffer.concat(chunks) }));
  }
}

/** Identity alone: what we do not unpack cannot blow up. */
const headers = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'tollbridge',
};

const letGo: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** Null: an answer worth reading. */
function refusalOf({ statusCode = 0, headers }: IncomingMessage): NoBid | 'no_bid' | null {
  if (statusCode === 204) return 'no_bid';
  if (statusCode !== 200) return noBid('failed', `status ${statusCode}`);
  if (!isJson(headers['content-type'] ?? '')) return noBid('malformed', 'not a JSON content type');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return noBid('malformed', 'content-encoding');
  if (Number(headers['content-length'] ?? 0) > mostBytes) return noBid('too_large');
  return null;
}

function isJson(contentType: string): boolean {
  return /^application\/(?:[\w.+-]{1,64}\+)?json\s*(?:;|$)/i.test(contentType);
}

/** Node's own words are left out: they may hold the address, and with it a bidder's secret. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}
