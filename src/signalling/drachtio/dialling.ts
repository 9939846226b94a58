import { settleable } from '../../deadline.ts';
import type { Destination, Dialling, DialOutcome } from '../signalling.ts';
import { DrachtioLeg } from './leg.ts';
import { endUnheld } from './farewell.ts';
import { forgetChallenge } from './forget-challenge.ts';
import { allow } from './outside-calls.ts';
import { messageOf } from '../../message-of.ts';
import { tooLong } from './fit-wire.ts';
import { sdpOf, statusOf, type SrfConnection, type SrfRequest, type SrfResponse } from './srf.ts';
import type { Link } from './link.ts';

/** Timer B (RFC 3261 17.1.1.2) ends an unanswered INVITE after 32 s, Timer F of its CANCEL likewise; then we give up. */
const goneAfterCancel = 33_000;

type Progress = { readonly status: number; readonly sdp: string | null };

/**
 * One INVITE on its way. A cancelled one stays alive until its final answer or a deadline: cancel is a request,
 * not an end, and a 200 that crosses is given out to be hung up (signalwire/freeswitch #2920).
 */
export class DrachtioDialling implements Dialling {
  readonly outcome: Promise<DialOutcome>;
  readonly #link: Link;
  readonly #early: Progress[] = [];
  #onTrying: (() => void) | undefined;
  #isTrying = false;
  #onProgress: ((progress: Progress) => void) | undefined;
  #request: SrfRequest | undefined;
  #cancelling = false;
  #final = false;
  #settle: (outcome: DialOutcome) => void;
  #deadline: NodeJS.Timeout | undefined;

  constructor(srf: SrfConnection, to: Destination, link: Link) {
    this.#link = link;
    const outcome = settleable<DialOutcome>();
    this.outcome = outcome.promise;
    const forget = link.onLost(() => this.#settle({ kind: 'failed', reason: 'link' }));
    this.#settle = (how) => {
      if (this.#final) {
        if (how.kind === 'answered') void how.leg.hangup();
        return;
      }
      this.#final = true;
      clearTimeout(this.#deadline);
      forget();
      if (this.#request && to.auth) forgetChallenge(srf.app.client, this.#request);
      outcome.settle(how);
    };
    if (link.isLost) {
      this.#settle({ kind: 'failed', reason: 'link' });
      return;
    }
    this.#invite(srf, to);
  }

  get callId(): string | null {
    return this.#request?.get('Call-ID') ?? null;
  }

  onTrying(handler: () => void): void {
    this.#onTrying = handler;
    if (this.#isTrying) handler();
  }

  onProgress(handler: (progress: Progress) => void): void {
    this.#onProgress = handler;
    for (const progress of this.#early.splice(0)) handler(progress);
  }

  cancel(): void {
    if (this.#cancelling || this.#final) return;
    this.#cancelling = true;
    this.#deadline = setTimeout(() => this.#settle({ kind: 'failed', reason: 'timeout' }), goneAfterCancel);
    this.#request?.cancel(() => undefined);
  }

  #invite(srf: SrfConnection, to: Destination): void {
    let answered: string | undefined;
    // createUAC changes the options that it is given: a new object for each attempt.
    srf.createUAC(
      requestUri(to),
      {
        headers: {
          From: fromHeader(to.from),
          Contact: contactHeader(to.from),
          ...(to.hops !== undefined && { 'Max-Forwards': String(to.hops) }),
          ...allow,
          ...to.headers,
        },
        localSdp: to.sdp,
        ...(to.auth && { auth: { ...to.auth } }),
      },
      {
        cbRequest: (error, req) => {
          if (error || !req) return;
          this.#request = req;
          req.on('response', (response: SrfResponse) => {
            if (response.status >= 200 && response.status < 300) answered = response.stackDialogId;
          });
          if (this.#cancelling) req.cancel(() => undefined);
        },
        cbProvisional: (response) => {
          this.#onTrying?.();
          this.#isTrying = true;
          if (response.status === 100) return;
          const progress = { status: response.status, sdp: sdpOf(response) };
          if (this.#onProgress) this.#onProgress(progress);
          else this.#early.push(progress);
        },
      },
      (error, dialog) => {
        if (dialog) this.#settle({ kind: 'answered', leg: new DrachtioLeg(dialog, true, this.#link) });
        else {
          // A 200 without a Contact that can be read: acknowledged by the library, and then given up.
          if (answered !== undefined) endUnheld(srf.app.client, answered);
          this.#settle(answered === undefined ? outcomeOf(error) : { kind: 'failed', reason: 'transport' });
        }
      },
    );
  }
}

function outcomeOf(error: unknown): DialOutcome {
  const answer = statusOf(error);
  // Size is a fault of the message, as where the far end says so itself: not of the trunk.
  if (messageOf(error).includes(tooLong))
    return { kind: 'refused', status: 513, reason: 'Message Too Large', retryAfter: null };
  if (answer === null) return { kind: 'failed', reason: 'transport' };
  if (answer.status === 408) return { kind: 'failed', reason: 'timeout' };
  return { kind: 'refused', ...answer };
}

function requestUri(to: Destination): string {
  return to.trunk.replace(/^(sips?):/i, `$1:${to.number}@`);
}

/** `localhost` is rewritten by the SIP server to its own address. */
function fromHeader(from: string | null): string {
  return from === null ? '"Anonymous" <sip:anonymous@anonymous.invalid>' : `<sip:${from}@localhost>`;
}

function contactHeader(from: string | null): string {
  return `<sip:${from ?? 'anonymous'}@localhost>`;
}
