import { Headers, type Dialog, type IncomingRequest, type Listening } from '../../sip/stack.ts';
import { Channel, type HangupCause, type Signalling } from '../channel/channel.ts';
import type { Digit } from '../digits.ts';
import type { Surroundings } from '../channel/surroundings.ts';
import type { RtpPorts } from '../rtp-ports.ts';
import { LocalDescription, type MediaTerms, type Negotiated } from '../sdp.ts';
import { causeOfReason, reasonHeader } from './causes.ts';
import { infoBody, infoDigit } from './info-digit.ts';
import { inviteVariables, mediaVariables } from './leg-variables.ts';
import { isTrusted } from './origin.ts';

interface LegHost {
  readonly around: Surroundings;
  readonly ports: RtpPorts;
  /** The address of RTP, as bound and as written in SDP. */
  readonly rtpHost: string;
  /** Whose INVITEs are taken. */
  readonly trust: readonly Listening[];
  /** The channel is answered: its controller is to be called at `host:port`. */
  control(channel: Channel, controller: { host: string; port: number }): void;
}

const userAgent = 'drachtio MRF';
const allowed = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';
const sdpType = 'application/sdp';

/** The SIP side of one channel: a dialog with the drachtio server. */
export class Leg implements Signalling {
  readonly #host: LegHost;
  readonly #invite: IncomingRequest;
  #description: LocalDescription | undefined;
  #channel: Channel | undefined;
  #dialog: Dialog | undefined;
  #terms: MediaTerms | undefined;
  #owedBye: HangupCause | undefined;

  private constructor(host: LegHost, invite: IncomingRequest) {
    this.#host = host;
    this.#invite = invite;
  }

  /** Answers an INVITE of the SIP server's as FreeSWITCH's profile for drachtio does; any other gets 403 or 404. */
  static async answer(invite: IncomingRequest, host: LegHost): Promise<void> {
    const { headers } = invite.request;
    const controller = addressOf(headers.get('x-esl-outbound') ?? '');
    if (!isTrusted(invite.channel, host.trust)) {
      host.around.log('warn', 'media.stranger', { from: invite.channel.remote });
      return void invite.respond(403);
    }
    if (!/^drachtio-fsmrf:./.test(headers.get('user-agent') ?? '')) return void invite.respond(403);
    if (controller === undefined) return void invite.respond(404);
    const { admission, channels } = host.around;
    if (!admission.takes(channels.live)) {
      const headers = common().append('Retry-After', '300');
      return void invite.respond(503, { reason: 'Maximum Calls In Progress', headers });
    }
    const leg = new Leg(host, invite);
    try {
      await leg.#accept(controller);
    } catch (error) {
      leg.#failed(error, invite);
    }
  }

  end(cause: HangupCause): void {
    if (this.#dialog === undefined || this.#dialog.state === 'terminated') return;
    // RFC 3261 §15: no BYE from the side that answered before the ACK has come.
    if (this.#invite.awaitsAck) this.#owedBye = cause;
    else this.#bye(cause);
  }

  press(digit: Digit): void {
    if (this.#dialog?.state !== 'confirmed') return;
    const body = infoBody(digit);
    this.#dialog.request(
      'INFO',
      { headers: common(), body, contentType: 'application/dtmf-relay' },
      { response: () => undefined },
    );
  }

  async #accept(controller: { host: string; port: number }): Promise<void> {
    const { around, ports, rtpHost } = this.#host;
    const invite = this.#invite;
    const socket = await ports.bind();
    if (socket === undefined) {
      around.log('error', 'media.no_rtp_port', {});
      invite.respond(503);
      return;
    }
    // Cancelled while the port was being bound.
    if (invite.answered) {
      socket.close();
      return;
    }
    const description = new LocalDescription({ host: rtpHost, port: socket.address().port });
    const offer = invite.request.body.toString('utf8');
    const answer = offer === '' ? undefined : description.answer(offer);
    if (answer?.ok === false) {
      socket.close();
      invite.respond(answer.reason === 'malformed' ? 400 : 488, { headers: common() });
      return;
    }
    this.#description = description;
    const from = {
      uri: `nobody@${invite.channel.remote.host}:${invite.channel.remote.port}`,
      host: invite.channel.remote.host,
    };
    const channel = new Channel(around, this, socket, from, `${controller.host}:${controller.port}`);
    this.#channel = channel;
    setAll(channel, inviteVariables(invite, channel));
    if (answer !== undefined) this.#agree(answer, offer);
    invite.handlers = {
      acknowledged: (ack) =>
        this.#guarded(() => {
          const late = answer === undefined ? ack.body.toString('utf8') : undefined;
          if (late !== undefined && this.#take(description.accept(late), late))
            this.#host.control(channel, controller);
          if (this.#owedBye !== undefined) this.#bye(this.#owedBye);
        }),
      unacknowledged: () => channel.hangup('RECOVERY_ON_TIMER_EXPIRE'),
    };
    const body = answer === undefined ? description.offer() : answer.body;
    invite.respond(200, { headers: common(), body, contentType: sdpType });
    this.#follow(invite.dialog, channel);
    if (answer !== undefined) this.#host.control(channel, controller);
  }

  #follow(dialog: Dialog | null, channel: Channel): void {
    if (dialog === null) {
      channel.hangup('NORMAL_TEMPORARY_FAILURE');
      return;
    }
    this.#dialog = dialog;
    channel.setVariable('sip_to_tag', dialog.localTag);
    dialog.handlers = {
      request: (incoming) => this.#guarded(() => this.#within(incoming, channel), incoming),
      ended: () => channel.hangup('NORMAL_CLEARING'),
    };
  }

  #within(incoming: IncomingRequest, channel: Channel): void {
    switch (incoming.request.method) {
      case 'BYE':
        incoming.respond(200, { headers: common() });
        channel.hangup(causeOfReason(incoming.request.headers.get('reason')) ?? 'NORMAL_CLEARING');
        return;
      case 'INVITE':
      case 'UPDATE':
        this.#renegotiate(incoming);
        return;
      case 'INFO':
        this.#info(incoming, channel);
        return;
      case 'OPTIONS':
        incoming.respond(200, { headers: common() });
        return;
      default:
        incoming.respond(405, { headers: common() });
    }
  }

  /** A changed address, a hold, or, without a body, a question for our offer. What is refused changes nothing. */
  #renegotiate(incoming: IncomingRequest): void {
    const description = this.#description;
    const body = incoming.request.body.toString('utf8');
    if (description === undefined) return void incoming.respond(500);
    if (body !== '') {
      const answer = description.answer(body);
      if (!answer.ok)
        return void incoming.respond(answer.reason === 'malformed' ? 400 : 488, { headers: common() });
      this.#agree(answer, body);
      incoming.respond(200, { headers: common(), body: answer.body, contentType: sdpType });
      return;
    }
    if (incoming.request.method === 'UPDATE') return void incoming.respond(200, { headers: common() });
    const offer = description.offer(this.#terms?.law, this.#terms?.dtmfPayloadType);
    incoming.handlers = {
      acknowledged: (ack) =>
        this.#guarded(() => {
          const late = ack.body.toString('utf8');
          this.#take(description.accept(late), late);
        }),
      unacknowledged: () => this.#channel?.hangup('RECOVERY_ON_TIMER_EXPIRE'),
    };
    incoming.respond(200, { headers: common(), body: offer, contentType: sdpType });
  }

  #info(incoming: IncomingRequest, channel: Channel): void {
    const { request } = incoming;
    const digit = infoDigit(request.contentType ?? '', request.body.toString('latin1'));
    const isUnknown = digit === undefined && request.body.length > 0;
    incoming.respond(isUnknown ? 415 : 200, { headers: common() });
    if (digit !== undefined) channel.onDigit(digit);
  }

  /** The answer in an ACK: one that fits nothing ends the call, for it cannot be refused any more. */
  #take(answer: Negotiated, remote: string): boolean {
    if (answer.ok) this.#agree(answer, remote);
    else this.#channel?.hangup('INCOMPATIBLE_DESTINATION');
    return answer.ok;
  }

  #agree({ terms, body }: Extract<Negotiated, { ok: true }>, remote: string): void {
    this.#terms = terms;
    if (this.#channel === undefined) return;
    this.#channel.agree(terms);
    setAll(this.#channel, mediaVariables(terms, this.#channel, this.#host.rtpHost, body, remote));
  }

  /** What the stack calls: a bug in it ends this leg, and is heard of by no other. */
  #guarded(work: () => void, incoming?: IncomingRequest): void {
    try {
      work();
    } catch (error) {
      this.#failed(error, incoming);
    }
  }

  #failed(error: unknown, incoming?: IncomingRequest): void {
    this.#dialog ??= this.#invite.dialog ?? undefined;
    incoming?.respond(500, { headers: common() });
    this.#host.around.defect(error, this.#channel);
  }

  #bye(cause: HangupCause): void {
    const headers = common().append('Reason', reasonHeader(cause));
    this.#dialog?.request('BYE', { headers }, { response: () => undefined });
  }
}

/** `host:port`, as fsmrf writes it; undefined for what is no such thing. */
function addressOf(text: string): { host: string; port: number } | undefined {
  const [, host, digits] = /^(\S+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** The headers that every answer of ours bears. */
export function common(): Headers {
  return new Headers().append('User-Agent', userAgent).append('Accept', sdpType).append('Allow', allowed);
}

function setAll(channel: Channel, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) channel.setVariable(name, value);
}
