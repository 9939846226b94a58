import { settleable, within, withinAwake } from '../../deadline.ts';
import { dtmfRelay } from '../../dtmf-relay.ts';
import type { Leg, LegEnd, OfferAnswer } from '../signalling.ts';
import { forgetChallenge } from './forget-challenge.ts';
import { guardDialog } from './guard-dialog.ts';
import { allow } from './outside-calls.ts';
import { sdpIn } from '../../sdp/sdp-in-body.ts';
import { hasBody, sdpOf, type SrfDialog, type SrfRequest, type SrfResponse } from './srf.ts';
import type { Link } from './link.ts';

/** How long an answer to a BYE, INFO or OPTIONS of ours may take. */
const answerWithin = 4_000;
/** Timer B (RFC 3261 17.1.1.2) gives a re-INVITE 32 s; who offered what we pass on is told a little before its own goes off. */
const offerAnsweredWithin = 31_000;
/** RFC 3261 14.1: who owns the Call-ID waits 2.1 to 4 s after a 491, the other 0 to 2 s. */
const glareBackOff = { owner: 2_100, other: 300 };

const notThere = { ok: false, status: 481 } as const;

type OfferHandler = (sdp: string | null) => Promise<OfferAnswer>;

/** One dialog of drachtio-srf. Built in the tick in which the dialog is given out, so that no request finds it deaf. */
export class DrachtioLeg implements Leg {
  readonly callId: string;
  readonly acknowledged: Promise<string | null>;
  readonly ended: Promise<LegEnd>;
  readonly #dialog: SrfDialog;
  readonly #weCalled: boolean;
  readonly #settleEnd: (end: LegEnd) => void;
  #isOver = false;
  #hangingUp: Promise<void> | undefined;
  #isOffering = false;
  /** An INVITE or UPDATE with an offer of ours is on its way, or one of theirs waits for its answer or ACK. */
  #offerOut = false;
  #offerIn = false;
  #onOffer: OfferHandler | undefined;
  #onDigit: ((digit: string) => void) | undefined;

  constructor(dialog: SrfDialog, weCalled: boolean, link: Link) {
    this.#dialog = dialog;
    this.#weCalled = weCalled;
    this.callId = dialog.sip.callId;
    const end = settleable<LegEnd>();
    this.ended = end.promise;
    this.#settleEnd = (how) => {
      this.#isOver = true;
      forget();
      end.settle(how);
    };
    const onLinkLost = () => {
      this.#settleEnd({ by: 'link' });
      // Nothing can be sent any more; it makes the library forget the dialog.
      dialog.destroy({}, () => undefined);
    };
    const forget = link.onLost(onLinkLost);

    guardDialog(dialog);
    const ack = settleable<string | null>();
    this.acknowledged = ack.promise;
    if (weCalled) ack.settle(null);
    dialog.once('ack', (req: SrfRequest) => ack.settle(sdpOf(req)));
    // A BYE that came from the application side is the server's own: the ACK never came (drachtio-server #83).
    dialog.once('destroy', (req?: SrfRequest) =>
      this.#settleEnd({ by: req?.source === 'application' ? 'server' : 'far_end' }),
    );
    dialog.on('modify', (req: SrfRequest, res: SrfResponse) => void this.#takeOffer(req, res));
    // Without an offer it only keeps the session alive (RFC 3311); with one it is answered as a re-INVITE is.
    dialog.on('update', (req: SrfRequest, res: SrfResponse) => {
      if (hasBody(req)) void this.#takeOffer(req, res);
      else res.send(200, undefined, {});
    });
    dialog.on('info', (req: SrfRequest, res: SrfResponse) => this.#takeInfo(req, res));
    // A transfer must not reach what the caller could not dial: refused by policy.
    dialog.on('refer', (_req: SrfRequest, res: SrfResponse) => res.send(603, undefined, {}));
    dialog.on('options', (_req: SrfRequest, res: SrfResponse) =>
      res.send(200, undefined, { headers: allow }),
    );
    if (link.isLost) onLinkLost();
  }

  get remoteSdp(): string {
    return sdpIn(this.#dialog.remote.sdp) ?? '';
  }

  onOffer(handler: OfferHandler): void {
    this.#onOffer = handler;
  }

  onDigit(handler: (digit: string) => void): void {
    this.#onDigit = handler;
  }

  async offer(sdp: string): ReturnType<Leg['offer']> {
    if (this.#isOffering) return { ok: false, status: 491 };
    this.#isOffering = true;
    try {
      const first = await this.#modify(sdp);
      if (first.ok || first.status !== 491) return first;
      await new Promise((resolve) =>
        setTimeout(resolve, this.#weCalled ? glareBackOff.owner : glareBackOff.other),
      );
      return await this.#modify(sdp);
    } finally {
      this.#isOffering = false;
    }
  }

  async sendDigit(digit: string): Promise<void> {
    const info = dtmfRelay(digit);
    if (info) await within(answerWithin, this.#request(info), null);
  }

  async alive(): ReturnType<Leg['alive']> {
    const response = await withinAwake(answerWithin, this.#request({ method: 'OPTIONS' }), 'silent' as const);
    if (response === 'silent') return response;
    return response === null || response.status === 481 || response.status === 408 ? 'gone' : 'there';
  }

  hangup(): Promise<void> {
    this.#hangingUp ??= this.#bye();
    return this.#hangingUp;
  }

  async #bye(): Promise<void> {
    if (this.#isOver) return;
    this.#settleEnd({ by: 'us' });
    // 481, 408 and ENODIALOG say that the far end has gone, which is what was asked for.
    const bye = settleable<undefined>();
    this.#dialog.destroy({}, (_error, sent) => {
      if (sent) forgetChallenge(this.#dialog.agent, sent);
      bye.settle(undefined);
    });
    await within(answerWithin, bye.promise, undefined);
  }

  /** As a request of its own: after a refusal the library's `modify` waits for the end of the refused one for ever. */
  #modify(sdp: string): ReturnType<Leg['offer']> {
    if (this.#isOver) return Promise.resolve(notThere);
    const dialog = this.#dialog;
    const answer = settleable<Awaited<ReturnType<Leg['offer']>>>();
    const headers = { Contact: dialog.local.contact, 'Content-Type': 'application/sdp' };
    dialog.local.sdp = sdp;
    dialog.request({ method: 'INVITE', headers, body: sdp }, (error, response) => {
      this.#forgetChallenge(response);
      if (error || !response) answer.settle(notThere);
      else if (response.status >= 300) answer.settle({ ok: false, status: response.status });
      else if (response.status >= 200) {
        dialog.remote.sdp = response.body ?? '';
        answer.settle({ ok: true, sdp: sdpOf(response) ?? '' });
      }
    });
    const over = this.ended.then(() => notThere);
    this.#offerOut = true;
    return within(offerAnsweredWithin, Promise.race([answer.promise, over]), {
      ok: false,
      status: 408,
    } as const).finally(() => {
      this.#offerOut = false;
    });
  }

  /** Null: it could not be sent. */
  #request(options: {
    method: string;
    headers?: Record<string, string>;
    body?: string;
  }): Promise<SrfResponse | null> {
    if (this.#isOver) return Promise.resolve(null);
    const answer = settleable<SrfResponse | null>();
    this.#dialog.request(options, (_error, response) => {
      this.#forgetChallenge(response);
      answer.settle(response ?? null);
    });
    return answer.promise;
  }

  /** One that reaches us could not be answered. */
  #forgetChallenge(response: SrfResponse | undefined): void {
    if (response?.status === 401 || response?.status === 407)
      forgetChallenge(this.#dialog.agent, response.req);
  }

  /** Offers that cross or overlap are refused, not kept: RFC 3261 14.2, of an UPDATE RFC 3311 5.2. */
  async #takeOffer(req: SrfRequest, res: SrfResponse): Promise<void> {
    if (this.#offerOut) {
      res.send(491, undefined, {});
      return;
    }
    if (this.#offerIn) {
      res.send(500, undefined, { headers: { 'Retry-After': String(Math.floor(Math.random() * 11)) } });
      return;
    }
    this.#offerIn = true;
    try {
      await this.#answerOffer(req, res);
    } finally {
      this.#offerIn = false;
    }
  }

  async #answerOffer(req: SrfRequest, res: SrfResponse): Promise<void> {
    const offered = sdpOf(req);
    if (offered === null && hasBody(req)) {
      res.send(415, undefined, { headers: { Accept: 'application/sdp' } });
      return;
    }
    const answer: OfferAnswer = this.#onOffer
      ? await this.#onOffer(offered)
      : { sdp: this.#dialog.local.sdp };
    if ('status' in answer) {
      res.send(answer.status, undefined, {});
      return;
    }
    this.#dialog.local.sdp = answer.sdp;
    const { acknowledged } = answer;
    const ack = settleable<SrfRequest>();
    if (acknowledged) this.#dialog.once('ack', ack.settle);
    res.send(200, undefined, { body: answer.sdp, headers: { 'Content-Type': 'application/sdp' } });
    if (acknowledged) await Promise.race([ack.promise.then((its) => acknowledged(sdpOf(its))), this.ended]);
  }

  #takeInfo(req: SrfRequest, res: SrfResponse): void {
    res.send(200, undefined, {});
    const digit = digitOf(req);
    if (digit !== null) this.#onDigit?.(digit);
  }
}

/** `Signal=5` of application/dtmf-relay, or the bare `5` of application/dtmf. */
function digitOf(req: SrfMessageWithBody): string | null {
  if (!/^application\/dtmf/i.test(req.get('Content-Type') ?? '')) return null;
  const body = req.body?.trim() ?? '';
  const signal =
    /^\s*Signal\s*=\s*([0-9A-D*#]|1[01])\s*$/im.exec(body)?.[1] ?? /^([0-9A-D*#])$/i.exec(body)?.[1];
  if (signal === undefined) return null;
  return signal === '10' ? '*' : signal === '11' ? '#' : signal.toUpperCase();
}

type SrfMessageWithBody = Pick<SrfRequest, 'get' | 'body'>;
