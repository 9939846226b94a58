import type { Dialog } from './dialog.ts';
import type { Headers } from './message/headers.ts';
import type { SipRequest, SipResponse } from './message/message.ts';
import type { Channel } from './transport/channel.ts';

export interface OutgoingHandlers {
  /**
   * Each provisional response but 100, and one final one, which may be the stack's own (`origin: 'stack'`): 408 where
   * none came, 503 where the request could not be sent, 487 where a cancelled INVITE stays unanswered.
   * A 2xx to INVITE comes with its dialog, which the user must `acknowledge`; a 2xx after `cancel` does so too.
   */
  response(response: SipResponse, dialog: Dialog | null): void;
  /** A 100: the next hop has it. */
  trying?(response: SipResponse): void;
}

/** A request on its way. */
export interface OutgoingRequest {
  /** As sent. */
  readonly request: SipRequest;
  readonly channel: Channel;
  /**
   * Asks for an INVITE to be given up; its final response still comes, and may be a 2xx. The CANCEL waits for the first
   * provisional response (RFC 3261 §9.1). Null where there is nothing to cancel any more.
   */
  cancel(headers?: Headers): SipRequest | null;
}

export type SendResult =
  { readonly ok: true; readonly outgoing: OutgoingRequest } | { readonly ok: false; readonly reason: string };

export interface Acknowledgement {
  readonly request: SipRequest;
  readonly channel: Channel;
  repeat(): void;
}
