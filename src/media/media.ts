/**
 * The media port: what the call story needs of a media server. Endpoints are sessions on it: one RTP stream to one far end.
 * Nothing here rejects, and nothing hangs: each promise settles within a deadline of its own, or when the endpoint
 * or its server is lost.
 */

export interface Media {
  /**
   * With an offer the endpoint's SDP is its answer; without, an offer whose answer is given to `connect`.
   * Endpoints that are to be bridged are opened `beside` each other: on the same server.
   */
  open(offer?: string, beside?: Endpoint): Promise<Opened>;
  /** Whether an endpoint can be opened now. */
  readonly ready: boolean;
  /** How many endpoints can still be opened, on all servers together; null where that is not known. */
  readonly free: number | null;
  servers(): readonly MediaServerNow[];
  close(): Promise<void>;
}

export interface MediaServerNow {
  /** `host:port` of its control connection. */
  readonly name: string;
  /**
   * `slow`: it answers late, and is used only where all are. `full`: it has the sessions that it may have, or said so,
   * or too many are on their way.
   * `drained`: by its own word or by the config's; it keeps the calls that it has. `down`: lost, and tried again.
   */
  readonly state: 'up' | 'slow' | 'full' | 'drained' | 'down';
  /** Those of others on it among them, as it told last. */
  readonly sessions: number;
  /** Up to what it may have; null where it did not say yet. */
  readonly free: number | null;
}

export type Opened =
  | { readonly ok: true; readonly endpoint: Endpoint }
  | { readonly ok: false; readonly reason: 'no_common_codec' | 'unavailable' };

export interface Endpoint {
  readonly id: string;
  /** The session description for the far end; renewed by `connect`. */
  readonly sdp: string;
  /** By what the far end said last it may send no audio: `expectRtp` waits for none. */
  readonly isHeld: boolean;
  /** Gives the far end's SDP, the first time or in a re-INVITE; yields our own SDP for it. */
  connect(
    remoteSdp: string,
  ): Promise<{ readonly ok: true; readonly sdp: string } | { readonly ok: false; readonly reason: string }>;
  /** WAV files (absolute paths), `tone_stream://…` or `silence_stream://…`, one after another. */
  play(...sources: string[]): Playing;
  /** Plays a prompt and collects digits; a digit stops the prompt. */
  collect(ask: Collect): Promise<Collected>;
  /** A digit that the far end sent by INFO: as if it had come by RTP. */
  digit(digit: string): Promise<void>;
  /** Sends digits to the far end (RFC 4733). */
  press(digits: string): Promise<void>;
  onDigit(handler: (digit: string) => void): void;
  /** Both hear each other until either is closed or unbridged. */
  bridge(other: Endpoint): Promise<boolean>;
  unbridge(): Promise<void>;
  /** Ends the endpoint as `rtp_timeout` when its far end sends nothing for this long. */
  expectRtp(withinMs: number): Promise<void>;
  /** Both directions into a WAV file, until `stopRecording` or the end. */
  record(file: string): Promise<boolean>;
  stopRecording(file: string): Promise<void>;
  /** Resolves when the endpoint ends, by `close` or otherwise. */
  readonly ended: Promise<EndpointEnd>;
  /** What the media server counted, told once after the end; null where it told nothing within a deadline of `close`. */
  readonly figures: Promise<RtpFigures | null>;
  /** Asks the media server for its end, then kills it over the control connection; waits for `figures`. Idempotent. */
  close(): Promise<void>;
}

/** The RTP of an endpoint, from its first packet to its last; digits sent by RFC 4733 among it. */
export interface RtpFigures {
  /** `PCMU`, `PCMA`; null where the server did not say. */
  readonly codec: string | null;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** That the far end sent, by its sequence numbers, and that never came. */
  readonly packetsLost: number;
  /** The greatest that was measured of what came, milliseconds. */
  readonly jitter: number | null;
}

export type EndpointEnd = 'closed' | 'rtp_timeout' | 'media_lost';

export interface Playing {
  /** `stopped` by `stop` or by the endpoint's end. */
  readonly done: Promise<'played' | 'stopped' | 'failed'>;
  stop(): Promise<void>;
}

export interface Collect {
  readonly play: string;
  /** At least and at most so many digits. */
  readonly min: number;
  readonly max: number;
  /** From the end of the prompt to the first digit, and between digits; milliseconds. */
  readonly timeout: number;
  /** Digits that end the input before `max`; empty for none. */
  readonly terminators: string;
}

/** `digits` is empty where nothing came in time. */
export type Collected =
  | { readonly ok: true; readonly digits: string }
  | { readonly ok: false; readonly reason: 'ended' | 'failed' };
