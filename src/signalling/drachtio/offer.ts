import { settleable, within } from '../../deadline.ts';
import type { Address, Answered, Cancelled, Offer } from '../signalling.ts';
import { DrachtioLeg } from './leg.ts';
import { allow } from './outside-calls.ts';
import { hasBody, sdpOf, type SrfConnection, type SrfRequest, type SrfResponse } from './srf.ts';
import type { Link } from './link.ts';

/** A 200 is on its way within a round trip to the SIP server; past this the link is as good as lost. */
const sendWithin = 5_000;

/** An inbound INVITE. The CANCEL handler is in place before anything else can run (drachtio-srf #113). */
export class DrachtioOffer implements Offer {
  readonly callId: string;
  readonly source: Address;
  readonly from: string;
  readonly to: string;
  readonly sdp: string | null;
  readonly hasOtherBody: boolean;
  readonly cancelled: AbortSignal;
  readonly #srf: SrfConnection;
  readonly #req: SrfRequest;
  readonly #res: SrfResponse;
  readonly #link: Link;
  readonly #finish: () => void;
  #isFinal = false;

  constructor(srf: SrfConnection, req: SrfRequest, res: SrfResponse, link: Link) {
    const cancel = new AbortController();
    const gone = (reason: Cancelled) => {
      this.#finish();
      cancel.abort(reason);
    };
    const forget = link.onLost(() => gone('link'));
    req.once('cancel', () => gone('caller'));
    this.#finish = () => {
      this.#isFinal = true;
      forget();
    };
    this.cancelled = cancel.signal;
    this.#srf = srf;
    this.#req = req;
    this.#res = res;
    this.#link = link;
    this.callId = req.get('Call-ID') ?? '';
    this.source = {
      host: req.source_address ?? '',
      port: req.source_port ?? 5060,
      transport: req.protocol ?? 'udp',
    };
    this.from = userOf(/<([^>]*)>/.exec(req.get('From') ?? '')?.[1] ?? req.get('From') ?? '');
    this.to = userOf(req.uri);
    this.sdp = sdpOf(req);
    this.hasOtherBody = this.sdp === null && hasBody(req);
  }

  header(name: string): string | undefined {
    return this.#req.get(name);
  }

  progress(status: number, sdp?: string): void {
    if (this.#isFinal) return;
    this.#res.send(status, undefined, sdp === undefined ? {} : { body: sdp }, () => undefined);
  }

  reject(
    status: number,
    extra: { readonly reason?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ): void {
    if (this.#isFinal) return;
    this.#finish();
    this.#res.send(status, extra.reason, { headers: { ...extra.headers } }, () => undefined);
  }

  answer(sdp: string): Promise<Answered> {
    if (this.#isFinal) return Promise.resolve(this.#unanswered());
    this.#finish();
    const answered = settleable<Answered>();
    const forget = this.#link.onLost(() => answered.settle({ ok: false, reason: 'failed' }));
    this.#srf.createUAS(this.#req, this.#res, { localSdp: sdp, headers: { ...allow } }, (error, dialog) => {
      if (dialog) answered.settle({ ok: true, leg: new DrachtioLeg(dialog, false, this.#link) });
      else if (error) answered.settle(this.#unanswered());
    });
    const dialog = dialogOf(this.callId, this.#req.get('From') ?? '');
    this.#link.answering.add(dialog);
    void answered.promise.then(() => {
      forget();
      this.#link.answering.delete(dialog);
    });
    return within(sendWithin, answered.promise, { ok: false, reason: 'failed' } as const, (late) => {
      if (late.ok) void late.leg.hangup();
    });
  }

  #unanswered(): Answered {
    const reason: unknown = this.cancelled.reason;
    return { ok: false, reason: reason === ('caller' satisfies Cancelled) ? 'cancelled' : 'failed' };
  }
}

/** The server's id of a dialog that a caller opened. */
function dialogOf(callId: string, from: string): string {
  const tag = /;\s*tag\s*=\s*([^\s;]+)/i.exec(from.slice(from.lastIndexOf('>') + 1))?.[1] ?? '';
  return `${callId};from-tag=${tag}`;
}

function userOf(uri: string): string {
  return /^(?:sips?|tel):([^@;?>]*)(?:@|$|;)/i.exec(uri)?.[1]?.split(';')[0] ?? '';
}
