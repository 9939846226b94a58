import { FieldLines, FieldMembers, type Field, type Fields } from './fields.ts';
import type { Message } from './message-reader.ts';

/** A message as drachtio-modesl hands it on: an event has the headers of its own text, anything else those of its head. */
export class SocketEvent {
  readonly #fields: Fields;
  readonly #body: string;

  constructor(fields: Fields, body: string) {
    this.#fields = fields;
    this.#body = body;
  }

  getHeader(name: string): string | undefined {
    return this.#fields.get(name);
  }

  getBody(): string {
    return this.#body;
  }

  getType(): string | undefined {
    return this.#fields.get('Event-Name');
  }

  get headers(): readonly Field[] {
    return this.#fields.all();
  }
}

/** Null where the text of an event is none. */
export function eventOf({ head, body }: Message): SocketEvent | null {
  switch (head.get('Content-Type')) {
    case undefined:
      return null;
    case 'text/event-plain':
      return ofLines(body);
    case 'text/event-json':
      return ofJson(body);
    default:
      return new SocketEvent(head, body);
  }
}

/** Lines as those of a head, and after an empty one a body, where there is one. */
function ofLines(text: string): SocketEvent {
  const end = text.indexOf('\n\n');
  return end < 0
    ? new SocketEvent(new FieldLines(text), '')
    : new SocketEvent(new FieldLines(text.slice(0, end)), text.slice(end + 2));
}

function ofJson(text: string): SocketEvent | null {
  const parsed = parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const { _body: body, ...headers } = parsed as { _body?: unknown };
  return new SocketEvent(new FieldMembers(headers), typeof body === 'string' ? body : '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
