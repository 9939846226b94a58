/** A SIP message as one of the far ends sent or heard it. */
export interface SipMessage {
  readonly direction: 'sent' | 'received';
  /** When it was sent or heard: milliseconds since the epoch, with a fraction. */
  readonly at: number;
  readonly startLine: string;
  /** Lower-case names; a repeated header keeps its first value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The status of a response; undefined for a request. */
  readonly status: number | undefined;
  /** The method of a request, or that which a response answers. */
  readonly method: string;
  readonly callId: string;
  readonly text: string;
}

const ruler = '-'.repeat(47);
const entry =
  /^-{47} (\S+ [\d:]+)(\.\d+)[^\n]*\n\w+ message (sent|received) [([](\d+)(?: bytes\)|\] bytes) ?:\n\n/;

/**
 * Reads the messages of sipp's -trace_msg file, which is written while it is read: what is not there in full is left
 * for the next time. Cues, which are the test's and not the switch's, are left out.
 * @returns the messages, and how many octets they took.
 */
export function readTrace(trace: Buffer): { messages: SipMessage[]; read: number } {
  const messages: SipMessage[] = [];
  let read = 0;
  for (;;) {
    // sipp puts remarks of its own between the messages.
    const rule = trace.indexOf(ruler, read);
    if (rule < 0) break;
    const head = entry.exec(trace.subarray(rule, rule + 200).toString('latin1'));
    if (head === null) break;
    const start = rule + head[0].length;
    const end = start + Number(head[4]);
    const at = Date.parse(`${head[1]}Z`) + Number(head[2]) * 1000;
    if (trace.length <= end) break;
    const text = trace.subarray(start, end).toString('utf8');
    const message = parse(head[3] as SipMessage['direction'], at, text);
    if (message.method !== 'CUE') messages.push(message);
    read = end;
  }
  return { messages, read };
}

function parse(direction: SipMessage['direction'], at: number, text: string): SipMessage {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  const status = /^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1];
  const method =
    status === undefined ? startLine.split(' ')[0] : (headers.get('cseq') ?? '').split(' ').at(-1);
  return {
    direction,
    at,
    startLine,
    headers,
    body: rest.join('\r\n\r\n'),
    status: status === undefined ? undefined : Number(status),
    method: method ?? '',
    callId: headers.get('call-id') ?? headers.get('i') ?? '',
    text,
  };
}
