import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';

/** Headers in the order in which FreeSWITCH writes them: the engine's, then the channel's, then the event's own. */
export type EventHeaders = Record<string, string>;

export interface Subject {
  readonly name: string;
  /** Of CUSTOM events. */
  readonly subclass?: string;
}

/** An event on its way to the listeners: written once in each format, however many listen. */
export class MediaEvent {
  readonly subject: Subject;
  readonly headers: EventHeaders;
  readonly body: string | undefined;
  #json: string | undefined;
  #plain: string | undefined;

  constructor(subject: Subject, headers: EventHeaders, body?: string) {
    this.subject = subject;
    this.headers = headers;
    this.body = body;
  }

  /** The frame of a `text/event-json`. */
  get json(): string {
    this.#json ??= framed('text/event-json', JSON.stringify(this.#allHeaders()));
    return this.#json;
  }

  /** The frame of a `text/event-plain`. */
  get plain(): string {
    const length = this.body === undefined ? '' : `Content-Length: ${Buffer.byteLength(this.body)}\n`;
    this.#plain ??= framed('text/event-plain', `${plainHeaders(this.headers)}${length}\n${this.body ?? ''}`);
    return this.#plain;
  }

  #allHeaders(): EventHeaders {
    if (this.body === undefined) return this.headers;
    return { ...this.headers, 'Content-Length': String(Buffer.byteLength(this.body)), _body: this.body };
  }
}

/** A reply or event with a body. */
function framed(type: string, body: string): string {
  return `Content-Length: ${Buffer.byteLength(body)}\nContent-Type: ${type}\n\n${body}`;
}

/** `Name: value` lines with the values as FreeSWITCH encodes them for URLs. */
export function plainHeaders(headers: EventHeaders): string {
  let lines = '';
  for (const [name, value] of Object.entries(headers)) lines += `${name}: ${encoded(value)}\n`;
  return lines;
}

/** Most values are numbers and names, which need none. */
function encoded(value: string): string {
  if (/^[\w.,/-]*$/.test(value)) return value;
  return encodeURIComponent(value).replace(/%2C/g, ',').replace(/%2F/g, '/');
}

/** The engine's own name, which all its events bear. */
export class Identity {
  readonly coreUuid = randomUUID();
  readonly hostname = hostname();
  readonly startedAt = Date.now();
  readonly address: string;
  #sequence = 0;

  constructor(address: string) {
    this.address = address;
  }

  /** The headers that any event begins with. */
  headers(name: string): EventHeaders {
    const now = new Date();
    return {
      'Event-Name': name,
      'Core-UUID': this.coreUuid,
      'FreeSWITCH-Hostname': this.hostname,
      'FreeSWITCH-Switchname': this.hostname,
      'FreeSWITCH-IPv4': this.address,
      'FreeSWITCH-IPv6': '::1',
      'Event-Date-Local': now.toISOString().slice(0, 19).replace('T', ' '),
      'Event-Date-GMT': now.toUTCString(),
      'Event-Date-Timestamp': microseconds(now.getTime()),
      'Event-Sequence': String(++this.#sequence),
    };
  }
}

/** FreeSWITCH's stamps: microseconds since 1970, 0 for what has not happened. */
export function microseconds(ms: number | undefined): string {
  return ms === undefined ? '0' : `${ms}000`;
}
