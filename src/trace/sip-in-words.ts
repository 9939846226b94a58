/** A SIP message in the few words that fit on an arrow. */

interface SipInWords {
  /** `INVITE`, or `183 Session Progress`. */
  readonly what: string;
  /** `1 INVITE`; empty where it says none. */
  readonly cseq: string;
  /** `SDP PCMU PCMA 127.0.0.1:4000 sendonly`; null where it carries none. */
  readonly sdp: string | null;
}

export function sipInWords(text: string): SipInWords {
  const bodyAt = text.indexOf('\r\n\r\n');
  const head = bodyAt === -1 ? text : text.slice(0, bodyAt);
  const body = bodyAt === -1 ? '' : text.slice(bodyAt + 4);
  const [start = ''] = head.split('\r\n', 1);
  const answer = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(start);
  return {
    what: answer ? `${answer[1]} ${answer[2]}`.trim() : (start.split(' ', 1)[0] ?? ''),
    cseq: (/\r\ncseq[ \t]*:[ \t]*([^\r\n]*)/i.exec(head)?.[1] ?? '').trim(),
    sdp: /^v=/.test(body) ? sdpInWords(body) : null,
  };
}

/** Payload types that need no rtpmap (RFC 3551). */
const known = new Map([
  ['0', 'PCMU'],
  ['8', 'PCMA'],
  ['9', 'G722'],
  ['13', 'CN'],
  ['18', 'G729'],
]);

/** Of the first audio: its codecs, where it is wanted, and its direction where that is not both. */
export function sdpInWords(sdp: string): string {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m);
  const audio = media.find((section) => section.startsWith('m=audio'));
  if (audio === undefined) return 'SDP without audio';
  const [, port = '', types = ''] = /^m=audio (\d+)\S* \S+ ?([^\r\n]*)/.exec(audio) ?? [];
  const host = addressOf(audio) ?? addressOf(session) ?? '?';
  const names = new Map(
    [...audio.matchAll(/^a=rtpmap:(\d+) ([^\s/]+)/gm)].map(([, type = '', name = '']) => [type, name]),
  );
  const codecs = types
    .trim()
    .split(/\s+/)
    .map((type) => names.get(type) ?? known.get(type) ?? type)
    .map((name) => (name === 'telephone-event' ? 'te' : name));
  const direction = /^a=(sendonly|recvonly|inactive)\s*$/m.exec(audio)?.[1];
  return ['SDP', ...codecs, `${host}:${port}`, ...(direction === undefined ? [] : [direction])].join(' ');
}

function addressOf(section: string): string | undefined {
  return /^c=IN IP[46] ([^\s/]+)/m.exec(section)?.[1];
}
