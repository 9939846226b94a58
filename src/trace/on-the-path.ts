/** The little that is read of a message while calls wait: found by search, not by parsing. */

const callIdHeader = /\r\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*[^\s])/iy;
const plainCallId = '\r\nCall-ID: ';

/** SIP's Call-ID; null where the message has none. `start` is where the message begins in the frame. */
export function callIdOf(frame: string, start: number): string | null {
  const plain = frame.indexOf(plainCallId, start);
  if (plain !== -1) {
    const from = plain + plainCallId.length;
    const value = frame.slice(from, frame.indexOf('\r\n', from)).trim();
    if (value !== '') return value;
  }
  return headerBy(callIdHeader, frame, start);
}

const tollbridgeHeader = /\r\nx-tollbridge-call[ \t]*:[ \t]*([0-9a-f-]+)/iy;

/** The call that an INVITE of ours is for; null: it is for none, as those to a media server. */
export function tollbridgeCall(frame: string, start: number): string | null {
  return headerBy(tollbridgeHeader, frame, start);
}

const toHeader = /\r\n(?:to|t)[ \t]*:[ \t]*([^\r\n]*)/iy;

/** Whether a request is inside a dialog. */
export function hasToTag(frame: string, start: number): boolean {
  return /;[ \t]*tag[ \t]*=/i.test(headerBy(toHeader, frame, start) ?? '');
}

/** The body of an INFO is a key that somebody pressed: that is not kept, nor anything else that is no SDP. */
export function withoutDigits(frame: string, start: number): string {
  const body = frame.indexOf('\r\n\r\n', start);
  if (body === -1 || body + 4 >= frame.length || frame.startsWith('v=', body + 4)) return frame;
  return frame.slice(0, body + 4);
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
