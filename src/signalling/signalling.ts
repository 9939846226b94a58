/**
 * The signalling port: what the call story needs of SIP, and nothing of how it is spoken.
 * Nothing here rejects: what the far end, the network or the link does is a value. A promise of this port settles
 * within a deadline even where the library's own would hang (the link to the SIP server dropped, a final answer
 * never came); what arrives after that is released, not lost.
 */

export interface Signalling {
  /** Every INVITE outside a dialog. Set once. Resolves as soon as they come here; to false where that did not come about in 3 s. */
  onInvite(take: (offer: Offer) => void): Promise<boolean>;
  /** Whether INVITEs come here: `onInvite` was called, and the link that was told of it stands. */
  readonly ready: boolean;
  /** How an OPTIONS outside a dialog is answered: 200, or 503 while no calls are taken. 200 until it is set. */
  onProbe(takesCalls: () => boolean): void;
  /** Places one INVITE; each has a Call-ID of its own. */
  dial(to: Destination): Dialling;
  /** One OPTIONS to a trunk: any answer but a time-out, a transport error or 503 means that it takes calls. */
  probe(uri: string): Promise<'up' | 'down'>;
  /** Aborts when the link to the SIP server is lost; each connection has its own, from when INVITEs come by it. */
  readonly link: AbortSignal;
  /** `transport:host:port` on which calls arrive. */
  readonly listening: readonly string[];
  close(): Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly transport: string;
}

/** An INVITE that waits for our answer. Handle `cancelled` first: the caller may be gone already. */
export interface Offer {
  /** SIP's Call-ID. */
  readonly callId: string;
  readonly source: Address;
  /** User part of the From URI, as sent; empty where there is none. */
  readonly from: string;
  /** User part of the request URI. */
  readonly to: string;
  header(name: string): string | undefined;
  /** Null: an INVITE without SDP, which asks for our offer in the 200. */
  readonly sdp: string | null;
  /** There is a body, and no session description in it. */
  readonly hasOtherBody: boolean;
  /** Aborts when the caller cancels or cannot be reached any more; its `reason` is a `Cancelled`. */
  readonly cancelled: AbortSignal;
  /** 180, 181, 182 or 183. With SDP it is early media. Ignored once a final answer went out. */
  progress(status: number, sdp?: string): void;
  reject(
    status: number,
    extra?: { readonly reason?: string; readonly headers?: Readonly<Record<string, string>> },
  ): void;
  answer(sdp: string): Promise<Answered>;
}

/** `caller`: a CANCEL came. `link`: the link to the SIP server was lost, and the caller knows nothing of it yet. */
export type Cancelled = 'caller' | 'link';

export type Answered =
  { readonly ok: true; readonly leg: Leg } | { readonly ok: false; readonly reason: 'cancelled' | 'failed' };

export interface Destination {
  /** `sip:host:port`, with `;transport=tcp` where asked. */
  readonly trunk: string;
  /** User part of the request URI. */
  readonly number: string;
  /** E.164 shown to the far end; null: anonymous. */
  readonly from: string | null;
  readonly sdp: string;
  /** How often the call may go on from there (Max-Forwards, RFC 3261 20.22). */
  readonly hops?: number;
  readonly auth?: { readonly username: string; readonly password: string };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Dialling {
  /** SIP's Call-ID; null until the INVITE went out. */
  readonly callId: string | null;
  /** A 100 came: the next hop is there. A drachtio server keeps it to itself, the embedded one tells. */
  onTrying(handler: () => void): void;
  /** Provisional answers above 100, in order, those before the handler was set among them. */
  onProgress(handler: (progress: { readonly status: number; readonly sdp: string | null }) => void): void;
  readonly outcome: Promise<DialOutcome>;
  /** Asks for an end; `outcome` still tells what came: a 487, or a 200 that crossed (then hang up). Idempotent. */
  cancel(): void;
}

export type DialOutcome =
  | { readonly kind: 'answered'; readonly leg: Leg }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason: string;
      /** Seconds that the far end asks to be left alone. */
      readonly retryAfter: number | null;
    }
  /** Nothing came: `timeout` (408 of our own), `transport`, or the `link` to the SIP server was lost. */
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'transport' | 'link' };

/** One side of a call, answered. */
export interface Leg {
  readonly callId: string;
  /** What the far end last offered or answered. */
  readonly remoteSdp: string;
  /** Set in the same tick in which the leg is given out, or a quick re-INVITE or INFO is answered by default. */
  onOffer(handler: (sdp: string | null) => Promise<OfferAnswer>): void;
  /** Digits sent by INFO (application/dtmf-relay or application/dtmf). */
  onDigit(handler: (digit: string) => void): void;
  /** Resolves when the ACK of our 200 came; with the SDP that it carried, if any. */
  readonly acknowledged: Promise<string | null>;
  /** A re-INVITE to the far end; 491 is tried again after its back-off (RFC 3261 14.1). One at a time: else 491. */
  offer(
    sdp: string,
  ): Promise<{ readonly ok: true; readonly sdp: string } | { readonly ok: false; readonly status: number }>;
  /** One digit by INFO. */
  sendDigit(digit: string): Promise<void>;
  /**
   * OPTIONS inside the dialog. `gone`: the far end knows nothing of it, or it cannot be asked any more. `silent`: no
   * answer within 4 s, those not counted in which this process stood still.
   */
  alive(): Promise<'there' | 'gone' | 'silent'>;
  /** Resolves once, at the first end from any side. */
  readonly ended: Promise<LegEnd>;
  /** BYE. 481, 408 and a time-out count as gone. Idempotent. */
  hangup(): Promise<void>;
}

/**
 * `acknowledged` is called with the ACK's SDP: the far end's answer where it asked for our offer. Until it is done
 * another offer of the far end is told to come later.
 */
export type OfferAnswer =
  | { readonly sdp: string; readonly acknowledged?: (answer: string | null) => Promise<void> }
  | { readonly status: number };

/** `server`: the SIP server gave the leg up by itself: our 200 was never acknowledged. */
export interface LegEnd {
  readonly by: 'far_end' | 'us' | 'server' | 'link';
}
