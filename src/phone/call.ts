/** What a person can do with a call on the phone, and what can become of it. */
import type { Heard } from './hearing.ts';

export interface PhoneCall {
  readonly answered: Promise<Answer>;
  /** Settles once; what was heard can be read afterwards. */
  readonly ended: Promise<CallEnd>;
  /** Digits that the far end pressed. */
  readonly digits: string;
  /** Presses keys, by RFC 4733. */
  press(keys: string): Promise<void>;
  /** WAV files (absolute paths), `tone_stream://…` or `silence_stream://…`, in turn; interrupts what is being said. */
  say(...sources: string[]): Promise<'played' | 'stopped' | 'failed'>;
  /** What was heard since `from` seconds of hearing; early media counts. */
  hear(from?: number): Promise<Heard>;
  /** True once nothing was heard for `quietMs`; false after `withinMs`, or at the call's end. */
  quiet(quietMs: number, withinMs: number): Promise<boolean>;
  /** Keeps what was heard as a WAV file. */
  keep(file: string): Promise<void>;
  /** Before an answer it cancels. Resolves when the call has ended. */
  hangUp(): Promise<void>;
}

/** `afterMs`: from the INVITE to its 200. */
export type Answer =
  { readonly ok: true; readonly afterMs: number } | { readonly ok: false; readonly end: CallEnd };

export interface CallEnd {
  readonly by: 'us' | 'far_end' | 'link';
  readonly cause: 'hung_up' | 'refused' | 'cancelled' | 'no_answer' | 'unreachable' | 'no_media' | 'lost';
  /** The final status of the INVITE; null where none came. */
  readonly status: number | null;
  /** Its reason phrase, or what went wrong; empty where there is nothing to add. */
  readonly reason: string;
}
