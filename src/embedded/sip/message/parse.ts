import type { Header, Headers } from './headers.ts';
import { headerKey, headerSpelling } from './header-names.ts';
import { SipRequest, SipResponse, type SipMessage } from './message.ts';

/** Limits on what strangers may send; a message past one is malformed. */
export const limits = { head: 65_536, headers: 256, body: 262_144 } as const;

/**
 * `reason` is fit for a status line. `answerable` is what could be read of a malformed request, where it says how to
 * answer it; null where there is nobody to tell.
 */
export type Parsed =
  | { readonly ok: true; readonly message: SipMessage }
  | { readonly ok: false; readonly reason: string; readonly answerable: SipRequest | null };

/** Reads one whole message: a datagram, or what the stream framer cut out. Bytes past Content-Length are left out. */
export function parseMessage(bytes: Buffer): Parsed {
  const parsed = parseOutline(bytes);
  if (!parsed.ok) return parsed;
  const { message } = parsed;
  const fault = essentialsMissing(message);
  if (fault !== null) return malformed(fault, message);
  const length = contentLength(message.headers.get('content-length'));
  if (length === 'invalid' || (length ?? 0) > message.body.length) {
    return malformed('Content-Length does not fit the message', message);
  }
  if (length !== undefined) message.body = message.body.subarray(0, length);
  return parsed;
}

/** Reads start line and headers, whichever they are; the body is all that follows. */
export function parseOutline(bytes: Buffer): Parsed {
  const start = firstNonBlank(bytes);
  const head = headEnd(bytes, start);
  if (head === null) return malformed('no blank line ends the headers');
  if (head.end - start > limits.head) return malformed('the headers are too long');
  const lines = unfold(bytes.toString('latin1', start, head.end));
  const message = startLine(lines[0] ?? '');
  if (message === null) return malformed('the first line is neither a request nor a status line');
  const fault =
    readHeaders(lines, message.headers) ??
    (control.test(lines[0] ?? '') ? 'the first line holds a control character' : null);
  if (fault !== null) return malformed(fault, message);
  message.body = bytes.subarray(head.bodyStart);
  return { ok: true, message };
}

/** Undefined where there is none, `invalid` where it is no number. */
export function contentLength(value: string | undefined): number | undefined | 'invalid' {
  if (value === undefined) return undefined;
  return /^\s*\d{1,9}\s*$/.test(value) ? Number(value) : 'invalid';
}

/** Where the headers end and the body starts; CRLF CRLF, or the LF LF of careless senders. */
export function headEnd(bytes: Buffer, from: number): { end: number; bodyStart: number } | null {
  const strict = bytes.indexOf('\r\n\r\n', from, 'latin1');
  const loose = bytes.indexOf('\n\n', from, 'latin1');
  if (strict >= 0 && (loose < 0 || strict < loose)) return { end: strict, bodyStart: strict + 4 };
  return loose < 0 ? null : { end: loose, bodyStart: loose + 2 };
}

function firstNonBlank(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 13 || bytes[at] === 10) at++;
  return at;
}

/** Lines, with continuation lines (RFC 3261 §7.3.1) joined to the one they continue. */
function unfold(head: string): string[] {
  const lines = head.split('\n');
  const whole: string[] = [];
  for (const line of lines) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    const last = whole.length - 1;
    if ((text.startsWith(' ') || text.startsWith('\t')) && last >= 0)
      whole[last] = `${whole[last] ?? ''} ${text.trim()}`;
    else whole.push(text);
  }
  return whole;
}

function startLine(line: string): SipMessage | null {
  const status = /^SIP\/2\.0 +([1-6]\d\d)(?: +(.*))?$/i.exec(line);
  if (status) return new SipResponse(Number(status[1]), (status[2] ?? '').trim());
  const request = /^([!%*+.`'~\w-]+) +(\S+) +SIP\/2\.0 *$/i.exec(line);
  return request?.[1] !== undefined && request[2] !== undefined
    ? new SipRequest(request[1], request[2])
    : null;
}

/** C0 but for the tab. What stands from 0x80 on is half a character of UTF-8: the head is read as latin1. */
const control = /[^\P{Cc}\t\x7f-\x9f]/u;
const token = /^[!%*+.`'~\w-]+$/;

function readHeaders(lines: readonly string[], headers: Headers): string | null {
  if (lines.length - 1 > limits.headers) return 'too many headers';
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trimEnd();
    if (colon < 1 || !token.test(name)) return 'a header has no name';
    if (control.test(line)) return 'a header holds a control character';
    headers.adopt(asReceived(name, line.slice(colon + 1).trim(), line));
  }
  return null;
}

/** Lines are kept as written, but compact names are spelled out for readers who know only the long form. */
function asReceived(name: string, value: string, line: string): Header {
  const key = headerKey(name);
  if (name.length === 1) return { key, name: headerSpelling(name), value };
  return line.charAt(name.length) === ':' ? { key, name, value, line } : { key, name, value };
}

/** RFC 3261 §8.1.1 and §8.2: without these a message belongs to no transaction. */
function essentialsMissing(message: SipMessage): string | null {
  if (message.topVia === null) return 'Via is missing or malformed';
  if (message.from === null) return 'From is missing or malformed';
  if (message.to === null) return 'To is missing or malformed';
  if (message.callId === '') return 'Call-ID is missing';
  if (message.cseq === null) return 'CSeq is missing or malformed';
  if (message.kind === 'request' && message.cseq.method !== message.method)
    return 'CSeq names another method';
  return null;
}

function malformed(reason: string, message: SipMessage | null = null): Parsed {
  const answerable =
    message?.kind === 'request' && message.method !== 'ACK' && message.topVia !== null ? message : null;
  return { ok: false, reason, answerable };
}
