/** What is shown of a kept call: messages as they went over the wire, without what is nobody's business. */
import { readFrame } from '../signalling/drachtio/wire-frame.ts';
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
}

export function traceView({ call, beganAt, legs, messages, leftOut }: Kept): TraceView {
  return {
    call,
    began_at: new Date(beganAt).toISOString(),
    legs: [...legs],
    messages: messages.flatMap(({ after, leg, frame }): MessageView[] => {
      const read = readFrame(frame);
      return read ? [{ at_ms: Math.round(after * 10) / 10, leg, ...read, text: cut(read.text) }] : [];
    }),
    left_out: leftOut,
  };
}

const credentials = /^((?:proxy-)?authorization|authentication-info)[ \t]*:.*(?:\r\n[ \t].*)*/gim;
/** Keys of encrypted media (RFC 4568; `k=` of RFC 4566). */
const keys = /^(a=crypto:|a=key-mgmt:|k=).*/gim;

function cut(text: string): string {
  return text.replace(credentials, '$1: (left out)').replace(keys, '$1(left out)');
}
