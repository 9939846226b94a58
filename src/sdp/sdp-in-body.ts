/**
 * The session description in the body of a SIP message. Carriers wrap it: multipart/mixed with ISUP, a location or
 * another attachment beside it (RFC 5621). Only the description is ever passed on, for parsers further down have been
 * broken by the rest.
 */

/** Nobody sends more parts than this, or wraps them deeper. */
const mostParts = 20;
const deepest = 3;

/** `v=0`, then nothing but lines of `x=…` (RFC 4566 5): all of it is passed on to the other side of a direct call. */
export function isSdp(text: string): boolean {
  return /^v=0\r?\n(?:[A-Za-z]=[^\r\n\0]*(?:\r?\n|$))*(?:\r?\n)*$/.test(text);
}

/** The whole body, or that part of a multipart one which is a session description; null where there is none. */
export function sdpIn(body: string, depth = 0): string | null {
  if (isSdp(body)) return body;
  // A preamble may come before the first delimiter (RFC 2046 5.1.1).
  const boundary = /(?:^|\r\n)--([^\r\n]{1,70}?)[ \t]*\r\n/.exec(body)?.[1];
  if (boundary === undefined || depth >= deepest) return null;
  const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`, mostParts);
  for (const part of parts) {
    const found = ofPart(part, depth);
    if (found !== null) return found;
  }
  return null;
}

function ofPart(part: string, depth: number): string | null {
  // What follows the last delimiter, or what only begins alike.
  const [, head, body] = /^[ \t]*\r\n((?:[^\r\n]+\r\n)*)\r\n([^]*)$/.exec(part) ?? [];
  if (head === undefined || body === undefined) return null;
  // RFC 2046 5.1: a part that does not say what it is is text.
  const type = /^content-type[ \t]*:[ \t]*([^;\s]+)/im.exec(head)?.[1]?.toLowerCase() ?? 'text/plain';
  if (type.startsWith('multipart/')) return sdpIn(body, depth + 1);
  return type === 'application/sdp' && isSdp(body) ? `${body.trimEnd()}\r\n` : null;
}
