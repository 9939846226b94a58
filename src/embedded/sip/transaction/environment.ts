import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import type { Clock, TimerValues } from '../timers.ts';
import type { Channel } from '../transport/channel.ts';

/**
 * Told of what the stack says by itself in the course of an INVITE, once: 100, the 200 to a CANCEL and the 487 that follows,
 * the ACK of a refusal.
 */
export type OnOwn = (message: SipMessage, channel: Channel) => void;

/** What every transaction is given. */
export interface TransactionEnvironment {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly onOwn?: OnOwn | undefined;
}

/** The transaction user of a client transaction. */
export interface ClientUser {
  /** Every response that is not a retransmission absorbed below; for INVITE also each repeated 2xx. */
  response(response: SipResponse): void;
  /** No final response in time (408), or none could come (503). Called at most once and instead of a final response. */
  failed(reason: 'timeout' | 'transport', error?: Error): void;
  terminated(): void;
}

/** The transaction user of a server transaction. */
export interface ServerUser {
  /** The final response to an INVITE was not acknowledged in time, or could not be sent. */
  failed(reason: 'timeout' | 'transport', error?: Error): void;
  terminated(): void;
}

export interface ServerTransaction {
  readonly request: SipRequest;
  readonly state: string;
  /** A retransmission of the request. */
  repeated(): void;
  /** False where the state does not allow this response any more. */
  respond(response: SipResponse): boolean;
  /** Ends without a further message. */
  abandon(): void;
}
