/** What is shown of a kept call: messages as they went over the wire, without what is nobody's business. */
import { readFrame, type ReportedMessage } from '../signalling/drachtio/wire-frame.ts';
import type { Kept, KeptMessage } from './ring.ts';

/** JSON as it is. */
export interface TraceView extends Pick<Kept, 'call' | 'legs'> {
  readonly began_at: string;
  readonly messages: readonly MessageView[];
  readonly left_out: Kept['leftOut'];
}

export interface MessageView extends Pick<KeptMessage, 'leg'> {
  readonly at_ms: KeptMessage['after'];
  readonly direction: 'received' | 'sent';
  readonly transport: string;
  /** The far end's; of a request that was sent, our own: as the SIP server tells it. */
  readonly address: string;
  readonly text: string;
  /**
   * Null: it went over the wire. Else what the SIP server did by itself: it answered for a far end that did not, or that
   * could not be sent to; it held a CANCEL until something would be heard (RFC 3261 9.1).
   */
  readonly by_server: 'no_answer' | 'not_sent' | 'held' | null;
}

export function traceView({ call, beganAt, legs, messages, leftOut }: Kept): TraceView {
  const byServer = serverWatch();
  return {
    call,
    began_at: new Date(beganAt).toISOString(),
    legs: [...legs],
    messages: messages.flatMap(({ after, leg, frame }): MessageView[] => {
      const read = readFrame(frame);
      if (!read) return [];
      const at_ms = Math.round(after * 10) / 10;
      return [{ at_ms, leg, ...read, text: cut(read.text), by_server: byServer(leg, read) }];
    }),
    left_out: leftOut,
  };
}

/** Told of each message, in their order. */
function serverWatch(): (leg: number, message: ReportedMessage) => MessageView['by_server'] {
  /** Legs whose last INVITE was answered, if only provisionally. */
  const heard = new Set<number>();
  return (leg, { direction, address, text }) => {
    if (direction === 'sent') {
      if (text.startsWith('INVITE ')) heard.delete(leg);
      return text.startsWith('CANCEL ') && !heard.has(leg) ? 'held' : null;
    }
    if (address === ofNobody) return text.startsWith('SIP/2.0 503') ? 'not_sent' : 'no_answer';
    if (text.startsWith('SIP/2.0 ')) heard.add(leg);
    return null;
  };
}

/** As a SIP server writes the address of an answer that came from none. */
const ofNobody = ':0';

const credentials = /^((?:proxy-)?authorization|authentication-info)[ \t]*:.*(?:\r\n[ \t].*)*/gim;
/** Keys of encrypted media (RFC 4568; `k=` of RFC 4566). */
const keys = /^(a=crypto:|a=key-mgmt:|k=).*/gim;

function cut(text: string): string {
  return text.replace(credentials, '$1: (left out)').replace(keys, '$1(left out)');
}
