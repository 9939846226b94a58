import { parseAddress, type Address } from './address.ts';
import { Headers } from './headers.ts';
import { splitList } from './lists.ts';
import { reasonPhrase } from './reason-phrases.ts';
import { parseVia, type Via } from './via.ts';

export interface CSeq {
  readonly seq: number;
  readonly method: string;
}

/**
 * What requests and responses share. Heads are latin1 strings, so that every byte survives the way through us
 * whatever its encoding. Headers are parsed when somebody asks and remembered by their text.
 */
abstract class Message {
  readonly headers: Headers;
  body: Buffer;
  #seen: Map<string, { text: string; value: unknown }> | undefined;

  constructor(headers: Headers, body: Buffer) {
    this.headers = headers;
    this.body = body;
  }

  abstract get startLine(): string;

  get callId(): string {
    return this.headers.get('call-id') ?? '';
  }
  get from(): Address | null {
    return this.#parsed('from', parseAddress);
  }
  get to(): Address | null {
    return this.#parsed('to', parseAddress);
  }
  get fromTag(): string | undefined {
    return this.from?.params.get('tag');
  }
  get toTag(): string | undefined {
    return this.to?.params.get('tag');
  }
  get cseq(): CSeq | null {
    return this.#parsed('cseq', parseCSeq);
  }
  /** The first Contact. */
  get contact(): Address | null {
    return this.#parsed('contact', (text) => parseAddress(splitList(text)[0] ?? ''));
  }
  get topVia(): Via | null {
    return this.#parsed('via', (text) => parseVia(splitList(text)[0] ?? ''));
  }
  get contentType(): string | undefined {
    return this.headers.get('content-type');
  }

  /** Sets body, Content-Type (where one is given) and Content-Length. */
  setBody(body: Buffer | string, contentType?: string): this {
    this.body = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    if (contentType !== undefined) this.headers.set('Content-Type', contentType);
    this.headers.set('Content-Length', String(this.body.length));
    return this;
  }

  toBuffer(): Buffer {
    const head = Buffer.from(`${this.startLine}\r\n${this.headers.toString()}\r\n`, 'latin1');
    return this.body.length === 0 ? head : Buffer.concat([head, this.body]);
  }

  #parsed<T>(key: string, parse: (text: string) => T): T | null {
    const text = this.headers.get(key);
    if (text === undefined) return null;
    const seen = this.#seen?.get(key);
    if (seen?.text === text) return seen.value as T;
    const value = parse(text);
    this.#seen ??= new Map();
    this.#seen.set(key, { text, value });
    return value;
  }
}

export class SipRequest extends Message {
  readonly kind = 'request';
  readonly method: string;
  uri: string;

  constructor(method: string, uri: string, headers = new Headers(), body: Buffer = empty) {
    super(headers, body);
    this.method = method;
    this.uri = uri;
  }

  get startLine(): string {
    return `${this.method} ${this.uri} SIP/2.0`;
  }
}

export class SipResponse extends Message {
  readonly kind = 'response';
  readonly status: number;
  readonly reason: string;
  /** `stack`: made here because the far end did not answer (408) or could not be reached (503), RFC 3261 §8.1.3.1. */
  readonly origin: 'network' | 'stack';

  constructor(
    status: number,
    reason: string,
    headers = new Headers(),
    body: Buffer = empty,
    origin: 'network' | 'stack' = 'network',
  ) {
    super(headers, body);
    this.status = status;
    this.reason = reason;
    this.origin = origin;
  }

  get startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`;
  }

  /** A response with the headers that RFC 3261 §8.2.6 copies from the request; the To tag is the caller's business. */
  static to(
    request: SipRequest,
    status: number,
    reason = reasonPhrase(status),
    origin?: 'stack',
  ): SipResponse {
    const headers = new Headers();
    for (const { key, name, value } of request.headers) if (key === 'via') headers.append(name, value);
    for (const key of ['from', 'to', 'call-id', 'cseq']) {
      const value = request.headers.get(key);
      if (value !== undefined) headers.append(key, value);
    }
    if (status === 100 && request.headers.has('timestamp')) {
      headers.append('Timestamp', request.headers.get('timestamp') ?? '');
    }
    return new SipResponse(status, reason, headers, empty, origin);
  }
}

export type SipMessage = SipRequest | SipResponse;

const empty = Buffer.alloc(0);

function parseCSeq(text: string): CSeq | null {
  const match = /^(\d{1,10})\s+([!%*+.`'~\w-]+)$/.exec(text.trim());
  const seq = Number(match?.[1]);
  return match?.[2] === undefined || seq > 0xffffffff ? null : { seq, method: match[2] };
}
