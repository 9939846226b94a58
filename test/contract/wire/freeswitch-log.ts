import { readFileSync } from 'node:fs';

/** One entry of a recording: what one side sent, or a connection that opened or closed. */
export type Entry =
  | {
      readonly kind: 'sent';
      readonly connection: string;
      readonly from: 'fsmrf' | 'freeswitch';
      readonly bytes: string;
    }
  | { readonly kind: 'opened' | 'closed'; readonly connection: string; readonly by: 'fsmrf' | 'freeswitch' }
  | { readonly kind: 'stage'; readonly name: string };

/** One message of FreeSWITCH's: headers, and a body where it has one. */
export interface Message {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const folder = new URL('./freeswitch/', import.meta.url);
const marker = /\n(?=(?:==== t=|#### ))/g;

/** Reads a recorded event-socket conversation. */
export function readLog(name: string): Entry[] {
  const text = readFileSync(new URL(`${name}.log`, folder), 'utf8');
  const entries: Entry[] = [];
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf('\n', at);
    const line = text.slice(at, lineEnd < 0 ? text.length : lineEnd);
    at = lineEnd < 0 ? text.length : lineEnd + 1;
    const sent = /^==== t=\S+ (\S+) (\S+) -> \S+ (\d+) bytes/.exec(line);
    const opened = /^#### (\S+) connection opened by (\S+)/.exec(line);
    const closed = /^#### (\S+) FIN from (\S+)/.exec(line);
    const stage = /^#### stage (\S+)/.exec(line)?.[1];
    if (stage !== undefined) entries.push({ kind: 'stage', name: stage });
    else if (opened) entries.push({ kind: 'opened', connection: opened[1]!, by: side(opened[2]) });
    else if (closed) entries.push({ kind: 'closed', connection: closed[1]!, by: side(closed[2]) });
    else if (sent) {
      const end = payloadEnd(text, at, Number(sent[3]));
      entries.push({ kind: 'sent', connection: sent[1]!, from: side(sent[2]), bytes: text.slice(at, end) });
      // To a payload that does not end with a line, the recorder added its end.
      at = text[end] === '\n' ? end + 1 : end;
    }
  }
  return entries;
}

/** Cuts what FreeSWITCH sends into messages. */
export class MessageReader {
  readonly messages: Message[] = [];
  readonly #isRecorded: boolean;
  #held = Buffer.alloc(0);

  /** In recordings a folder was renamed afterwards, so that lengths may be wrong: a JSON body then ends where it ends. */
  constructor({ isRecorded = false } = {}) {
    this.#isRecorded = isRecorded;
  }

  push(data: Buffer | string): void {
    this.#held = Buffer.concat([this.#held, Buffer.from(data)]);
    for (;;) {
      const end = this.#held.indexOf('\n\n');
      if (end < 0) return;
      const headers = parseHeaders(this.#held.toString('utf8', 0, end));
      const said = Number(headers['Content-Length'] ?? 0);
      const length = this.#isRecorded ? recordedLength(this.#held.subarray(end + 2), said) : said;
      if (this.#held.length < end + 2 + length) return;
      this.messages.push({ headers, body: this.#held.toString('utf8', end + 2, end + 2 + length) });
      this.#held = Buffer.from(this.#held.subarray(end + 2 + length));
    }
  }
}

/** The headers of an event: of its JSON, of its `Name: value` lines, or its own. */
export function eventOf({ headers, body }: Message): Record<string, string> {
  if (headers['Content-Type'] === 'text/event-json') return JSON.parse(body) as Record<string, string>;
  if (headers['Content-Type'] === 'text/event-plain') return parseHeaders(body);
  return headers;
}

export function parseHeaders(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), decodeURIComponent(line.slice(at + 1).trim())];
    }),
  );
}

function side(name: string | undefined): 'fsmrf' | 'freeswitch' {
  return name === 'fsmrf' ? 'fsmrf' : 'freeswitch';
}

/** After as many characters as were recorded, or, where a folder was renamed afterwards, before the next entry. */
function payloadEnd(text: string, at: number, length: number): number {
  const end = at + length;
  if (end >= text.length || /^\n?(?:==== t=|#### )/.test(text.slice(end, end + 10)))
    return Math.min(end, text.length);
  marker.lastIndex = at;
  const next = marker.exec(text);
  return next === null ? text.length : next.index + 1;
}

function recordedLength(rest: Buffer, said: number): number {
  const text = rest.toString('utf8');
  if (!text.startsWith('{')) return said;
  const next = text.indexOf('}Content-');
  return Buffer.byteLength(next < 0 ? text : text.slice(0, next + 1));
}
