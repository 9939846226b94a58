import { randomUUID } from 'node:crypto';
import type { SipMessage } from '../message/message.ts';
import type { Channel } from '../stack.ts';
import { frame } from './frames.ts';

/** The token lines of the frames that a drachtio server sends, as recorded from one. */

export interface Place {
  readonly dialogId: string;
  readonly transactionId: string;
}

export function replyFrame(requestId: string, verdict: 'OK' | 'NO' | 'NOK', ...details: string[]): Buffer {
  return frame([randomUUID(), 'response', requestId, verdict, ...details.map(oneToken)].join('|'));
}

/** A request outside a dialog; the only frame that names the local address it came to. */
export function newRequestFrame(
  request: SipMessage,
  { protocol, remote, local }: Channel,
  transactionId: string,
): Buffer {
  const sip = request.toBuffer();
  const meta = facts('network', sip, protocol, remote);
  return frame(`${randomUUID()}|sip|${meta}|${transactionId}||${local.host}|${local.port}|\r\n`, sip);
}

/**
 * Any other message from the network. An ACK has no protocol: the server has let go of its transport by then. A response
 * that the stack made itself, for want of one, comes from nowhere.
 */
export function networkFrame(
  message: SipMessage,
  { protocol, remote }: Channel,
  { transactionId, dialogId }: Place,
): Buffer {
  const sip = message.toBuffer();
  const named = message.kind === 'request' && message.method === 'ACK' ? '' : protocol;
  const from = message.kind === 'response' && message.origin === 'stack' ? nowhere : remote;
  return frame(
    `${randomUUID()}|sip|${facts('network', sip, named, from)}|${transactionId}|${dialogId}|\r\n`,
    sip,
  );
}

/** A BYE that the server has sent by itself. */
export function unsolicitedFrame(
  request: SipMessage,
  { protocol, local }: Channel,
  dialogId: string,
): Buffer {
  const sip = request.toBuffer();
  return frame(
    `${randomUUID()}|sip|${facts('application', sip, protocol, local)}|unsolicited|${dialogId}|\r\n`,
    sip,
  );
}

export function sentRequestFrame(
  requestId: string,
  request: SipMessage,
  channel: Channel,
  transactionId: string,
): Buffer {
  const sip = request.toBuffer();
  const meta = facts('application', sip, channel.protocol, channel.local);
  return frame(`${randomUUID()}|response|${requestId}|OK|${meta}|${transactionId}|Msg sent:|\r\n`, sip);
}

/** One token longer than the echo of a request. Only the echo of an INVITE's response names protocol and dialog. */
export function sentResponseFrame(
  requestId: string,
  response: SipMessage,
  { protocol, remote }: Channel,
  place: Place,
): Buffer {
  const sip = response.toBuffer();
  const named = response.cseq?.method === 'INVITE' ? protocol : '';
  const meta = facts('application', sip, named, remote);
  const { transactionId, dialogId } = place;
  return frame(
    `${randomUUID()}|response|${requestId}|OK|${meta}|${transactionId}|${dialogId}||Msg sent:|\r\n`,
    sip,
  );
}

/** What the stack said by itself, as the echo of what no app has asked for. No drachtio server tells it. */
export function ownFrame(message: SipMessage, channel: Channel): Buffer {
  return message.kind === 'request'
    ? sentRequestFrame('', message, channel, '')
    : sentResponseFrame('', message, channel, { transactionId: '', dialogId: '' });
}

const nowhere = { host: '', port: 0 };

function facts(
  source: string,
  sip: Buffer,
  protocol: string,
  { host, port }: { host: string; port: number },
): string {
  return `${source}|${sip.length}|${protocol}|${host}|${port}|${timeOfDay()}`;
}

/** HH:MM:SS.micro, UTC. */
function timeOfDay(): string {
  const now = performance.timeOrigin + performance.now();
  const micros = String(Math.floor((now % 1) * 1_000)).padStart(3, '0');
  return new Date(now).toISOString().slice(11, 23) + micros;
}

/** A reason is one token on one line. */
function oneToken(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
