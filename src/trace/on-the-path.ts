/** The little that is read of a message while calls wait: found by search, not by parsing. */

const callIdHeader = /\r\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*[^\s])/iy;
const plainCallId = '\r\nCall-ID: ';

/** SIP's Call-ID; null where the message has none. `start` is where the message begins in the frame. */
export function callIdOf(frame: string, start: number): string | null {
  return plain(plainCallId, frame, start) ?? headerBy(callIdHeader, frame, start);
}

/** As our own INVITEs have it, which a SIP server passes on as it is. */
const tollbridgeHeader = '\r\nX-Tollbridge-Call: ';

/** The call that an INVITE of ours is for; null: it is for none, as those to a media server. */
export function tollbridgeCall(frame: string, start: number): string | null {
  return plain(tollbridgeHeader, frame, start);
}

const plainTo = '\r\nTo: ';
const toHeader = /\r\n(?:to|t)[ \t]*:[ \t]*([^\r\n]*)/iy;

/** Whether a request is inside a dialog. */
export function hasToTag(frame: string, start: number): boolean {
  const to = plain(plainTo, frame, start) ?? headerBy(toHeader, frame, start) ?? '';
  return /;[ \t]*tag[ \t]*=/i.test(to);
}

/** The body of an INFO is a key that somebody pressed: that is not kept, nor anything else that is no SDP. */
export function withoutDigits(frame: string, start: number): string {
  const body = frame.indexOf('\r\n\r\n', start);
  if (body === -1 || body + 4 >= frame.length || frame.startsWith('v=', body + 4)) return frame;
  return frame.slice(0, body + 4);
}

/** The value of a header that is written as it is most often, which is found at once; what a body says is none. */
function plain(header: string, frame: string, start: number): string | null {
  const found = frame.indexOf(header, start);
  if (found === -1) return null;
  const body = frame.indexOf('\r\n\r\n', start);
  if (body !== -1 && body < found) return null;
  const from = found + header.length;
  const value = frame.slice(from, frame.indexOf('\r\n', from)).trim();
  return value === '' ? null : value;
}

/** Line by line to the end of the headers: never into a body. */
function headerBy(header: RegExp, frame: string, start: number): string | null {
  for (let line = frame.indexOf('\r\n', start); line !== -1; line = frame.indexOf('\r\n', line + 2)) {
    if (frame.startsWith('\r\n', line + 2)) return null;
    header.lastIndex = line;
    const found = header.exec(frame)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}
