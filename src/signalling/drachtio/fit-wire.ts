/**
 * A drachtio server reads a connection 8,192 bytes at a time into a buffer of 12,228, where what does not fit displaces what
 * came first. A longer message is never whole, and the link stands still; of a long one those behind it displace the
 * beginning, and the server hangs up. Either costs every call, and how long our answers are is up to whoever asks: they
 * repeat his headers. So a long message travels alone, one that is too long not at all, and a refusal, which anybody can
 * have, is long for nobody: others would wait for it.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Log } from '../../log.ts';
import { sparingLines } from '../../sparing-lines.ts';
import type { SrfWire } from './srf.ts';

/** Bytes of a frame. However much of a shorter one has been read, what is read next has room behind it. */
const longestInCompany = 12_228 - 8_192;
const longest = 12_000;
/** The server answers each message; where it takes longer to, it has read it all the same. */
const aloneFor = 500;

/** What the library is told of a message that did not travel. */
export const tooLong = 'too long for the SIP server';
const failed = '500 Server Internal Error';

interface Frame {
  readonly socket: Socket;
  readonly id: string;
  readonly text: string;
  readonly bytes: number;
}

/** Whoever says what is too long is told so as if by the server; a caller who awaits it hears 500 instead, if he can be named. */
export function fitWire(wire: SrfWire, log: Log): void {
  const mayWrite = sparingLines();
  const behind: Frame[] = [];
  let alone: { readonly answer: string; readonly patience: NodeJS.Timeout } | null = null;

  const write = (frame: Frame) => {
    if (alone !== null) {
      behind.push(frame);
      return;
    }
    frame.socket.write(frame.text);
    if (frame.bytes > longestInCompany)
      alone = { answer: `|response|${frame.id}|`, patience: setTimeout(goOn, aloneFor) };
  };
  const goOn = () => {
    clearTimeout(alone?.patience);
    alone = null;
    for (const frame of behind.splice(0)) write(frame);
  };
  const refuse = ({ socket, id, bytes }: Frame) => {
    const event = 'signalling_message_too_long';
    const sumUp = (messages: number) => log('warn', event, { messages });
    if (mayWrite(event, event, sumUp)) log('warn', event, { bytes, longest });
    setImmediate(() => wire.emit('msg', socket, `${randomUUID()}|response|${id}|NO|${tooLong}`));
  };

  wire.on('msg', (_socket, said) => {
    if (alone !== null && said.startsWith(alone.answer, said.indexOf('|'))) goOn();
  });
  wire.on('close', () => {
    behind.length = 0;
    goOn();
  });
  wire.send = (socket, message) => {
    const frame = frameOf(socket, message);
    const status = frame.bytes <= longestInCompany ? null : answered(message);
    const isRefusal = status !== null && !isAcceptance(status, message);
    if (frame.bytes <= longest && !isRefusal) {
      write(frame);
      return frame.id;
    }
    const short = status === null ? null : frameOf(socket, inShort(message, isRefusal ? status : failed));
    const isSaid = short !== null && short.bytes <= longestInCompany;
    if (isSaid) write(short);
    if (isSaid && isRefusal) return short.id;
    refuse(frame);
    return frame.id;
  };
}

function frameOf(socket: Socket, message: string): Frame {
  const id = randomUUID();
  const said = `${id}|${message}`;
  const text = `${Buffer.byteLength(said)}#${said}`;
  return { socket, id, text, bytes: Buffer.byteLength(text) };
}

/** What a final answer says, `403 Forbidden`; null: it is none. */
function answered(message: string): string | null {
  return /^sip\|[^\r]*\r\nSIP\/2\.0 ([2-6]\d\d [^\r]*)/.exec(message)?.[1] ?? null;
}

/** Of an INVITE: there is a call, and what it says of it is needed. */
const isAcceptance = (status: string, message: string): boolean =>
  status.startsWith('2') && /^cseq: *\d+ +invite\b/im.test(message);

/** An answer of that status with nothing but what names its request. */
function inShort(message: string, status: string): string {
  const lead = message.slice(0, message.indexOf('\r\n'));
  const head = message.slice(0, message.indexOf('\r\n\r\n'));
  const names = head.match(/^(?:call-id|cseq|from|to):[^\r\n]*$/gim) ?? [];
  return [lead, `SIP/2.0 ${status}`, ...names, 'Content-Length: 0', '', ''].join('\r\n');
}
