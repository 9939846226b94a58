/**
 * A drachtio server reads a connection 8,192 bytes at a time into a buffer of 12,228, where what does not fit displaces what
 * came first. A longer message is never whole, and the link stands still; of a long one those behind it displace the
 * beginning, and the server hangs up. Either costs every call, and how long our answers are is up to whoever asks: they
 * repeat his headers. So a long message travels alone, and one that is too long not at all.
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

interface Frame {
  readonly socket: Socket;
  readonly id: string;
  readonly text: string;
  readonly bytes: number;
}

/** Whoever says what is too long is told so as if by the server; a caller who awaits it hears 500 instead. */
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
  const refuse = (frame: Frame, message: string) => {
    const { bytes, id, socket } = frame;
    const event = 'signalling_message_too_long';
    const sumUp = (messages: number) => log('warn', event, { messages });
    if (mayWrite(event, event, sumUp)) log('warn', event, { bytes, longest });
    const short = inShort(message);
    const answer = short === null ? null : frameOf(socket, short);
    if (answer !== null && answer.bytes <= longest) write(answer);
    const said = `${randomUUID()}|response|${id}|NO|too long for the SIP server`;
    setImmediate(() => wire.emit('msg', socket, said));
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
    if (frame.bytes > longest) refuse(frame, message);
    else write(frame);
    return frame.id;
  };
}

function frameOf(socket: Socket, message: string): Frame {
  const id = randomUUID();
  const said = `${id}|${message}`;
  const text = `${Buffer.byteLength(said)}#${said}`;
  return { socket, id, text, bytes: Buffer.byteLength(text) };
}

/** In place of an answer, that there is none, with what names its request; null in place of anything else. */
function inShort(message: string): string | null {
  const lead = /^sip\|[^\r]*(?=\r\nSIP\/2\.0 [2-6]\d\d )/.exec(message)?.[0];
  if (lead === undefined) return null;
  const head = message.slice(0, message.indexOf('\r\n\r\n'));
  const names = head.match(/^(?:call-id|cseq|from|to):[^\r\n]*$/gim) ?? [];
  return [lead, 'SIP/2.0 500 Server Internal Error', ...names, 'Content-Length: 0', '', ''].join('\r\n');
}
