/**
 * What a drachtio server, real or embedded, reports of the SIP that it spoke: each message that came, and each that it
 * sent for us, in the words that went over the wire. What it says by itself, 100, the answers to a CANCEL, the ACK of a
 * refusal, the embedded one alone reports; repetitions none does.
 */

/** A frame as it came, for a look at its SIP later: most are never read. */
export type ReportFrame = string;

export interface ReportedMessage {
  readonly direction: 'received' | 'sent';
  readonly transport: string;
  /** The far end's; of a request that was sent, our own: as the server tells it. */
  readonly address: string;
  readonly text: string;
}

/** Where the SIP of a frame begins; -1: there is none in it. */
export function sipStart(frame: ReportFrame): number {
  const end = frame.indexOf('\r\n');
  return end === -1 ? -1 : end + 2;
}

/** `ID|sip|network|…` was received; `ID|response|REQUEST|OK|application|…` is the echo of what was sent. */
export function isReceived(frame: ReportFrame): boolean {
  return frame.startsWith('|sip|', frame.indexOf('|'));
}

/** Null where the frame carries no SIP. */
export function readFrame(frame: ReportFrame): ReportedMessage | null {
  const start = sipStart(frame);
  if (start === -1) return null;
  const words = frame.slice(0, start - 2).split('|');
  const [, kind, second = ''] = words;
  const text = frame.slice(start);
  // BYTES, PROTO, ADDR, PORT stand behind the source, which an echo has two words later.
  const from = kind === 'sip' && second === 'network' ? 3 : kind === 'response' ? 5 : null;
  if (from === null || text === '') return null;
  const [, transport = '', host = '', port = ''] = words.slice(from);
  const direction = kind === 'sip' ? 'received' : 'sent';
  return { direction, transport: transport || viaTransport(text), address: `${host}:${port}`, text };
}

/** A drachtio server leaves it out of some reports. */
function viaTransport(text: string): string {
  return (/^(?:via|v)[ \t]*:[ \t]*SIP\/2\.0\/(\w+)/im.exec(text)?.[1] ?? '').toLowerCase();
}
