/** Placing a call: a line, an INVITE with its SDP, early media where there is some, the answer. */
import type { DialOutcome, Destination } from '../signalling/signalling.ts';
import type { CallEnd, PhoneCall } from './call.ts';
import { Conversation } from './conversation.ts';
import type { Engine } from './engine.ts';
import { Line } from './line.ts';

export interface Placing {
  /** E.164 shown to the far end; null: anonymous. */
  readonly from: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Provisional answers as they come. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly status: number;
  /** Whether it brought early media. */
  readonly early: boolean;
  /** Since the INVITE. */
  readonly afterMs: number;
}

/** `uri`: `sip:NUMBER@HOST[:PORT][;transport=tcp]`; what is no such URI is an error. */
export function placeCall(engine: Engine, uri: string, placing: Placing): PhoneCall {
  const to = parseTarget(uri);
  const call = new Conversation();
  void dialOut(engine, to, placing, call);
  return call;
}

async function dialOut(engine: Engine, to: Target, placing: Placing, call: Conversation): Promise<void> {
  const opened = await engine.media.open();
  if (!opened.ok) return call.finish(failed('no_media', opened.reason));
  const line = new Line(opened.endpoint, engine.recording());

  const begun = performance.now();
  const since = () => Math.round(performance.now() - begun);
  const dialling = engine.signalling.dial(invitation(to, line.endpoint.sdp, placing));
  call.opened(line, () => dialling.cancel());
  if (call.hungUp) dialling.cancel();
  dialling.onProgress(({ status, sdp }) => {
    placing.onProgress?.({ status, early: sdp !== null, afterMs: since() });
    if (sdp !== null) void line.connect(sdp);
  });

  const outcome = await dialling.outcome;
  if (outcome.kind !== 'answered') return call.finish(endOf(outcome, call.hungUp));
  if (call.hungUp) {
    // The 200 crossed our CANCEL.
    await outcome.leg.hangup();
    return call.finish({ by: 'us', cause: 'cancelled', status: 200, reason: '' });
  }
  const { leg } = outcome;
  call.through(leg, line, since());
  if ((await line.connect(leg.remoteSdp)) === null) {
    const finished = call.finish(failed('no_media', 'the answer agreed on no codec'));
    await Promise.all([finished, leg.hangup()]);
  }
}

interface Target {
  readonly trunk: string;
  readonly number: string;
}

function parseTarget(uri: string): Target {
  const match = /^sip:([^@;\s]+)@([^;\s]+)((?:;\S*)?)$/i.exec(uri);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Error(`not an address to call: ${uri}; expected sip:NUMBER@HOST:PORT`);
  return { number: match[1], trunk: `sip:${match[2]}${match[3] ?? ''}` };
}

function invitation(to: Target, sdp: string, { from, headers }: Placing): Destination {
  return { trunk: to.trunk, number: to.number, from, sdp, ...(headers === undefined ? {} : { headers }) };
}

function endOf(outcome: Exclude<DialOutcome, { kind: 'answered' }>, hungUp: boolean): CallEnd {
  if (outcome.kind === 'refused') {
    const { status, reason } = outcome;
    return hungUp && status === 487
      ? { by: 'us', cause: 'cancelled', status, reason }
      : { by: 'far_end', cause: 'refused', status, reason };
  }
  switch (outcome.reason) {
    case 'timeout':
      return failed('no_answer', 'no answer to the INVITE');
    case 'transport':
      return failed('unreachable', 'the INVITE could not be delivered');
    case 'link':
      return failed('lost', 'SIP link lost');
  }
}

function failed(cause: CallEnd['cause'], reason: string): CallEnd {
  return { by: cause === 'no_media' ? 'us' : 'link', cause, status: null, reason };
}
