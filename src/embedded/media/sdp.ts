import { isIPv4 } from 'node:net';
import { parse, write, type SessionDescription } from 'sdp-transform';
import { payloadTypesOf, staticCodecs } from '../../sdp/payload-types.ts';
import type { Law } from './g711.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What offer and answer agreed on, seen from our side. */
export interface MediaTerms {
  readonly law: Law;
  readonly payloadType: number;
  /** RFC 4733 events; undefined where the far end has none. */
  readonly dtmfPayloadType: number | undefined;
  /** Undefined while the far end has no address to send to (held the old way, or no answer of its own yet). */
  readonly remote: Address | undefined;
  readonly direction: Direction;
}

export type Negotiated =
  | { readonly ok: true; readonly terms: MediaTerms; readonly body: string }
  | { readonly ok: false; readonly reason: 'malformed' | 'no_common_codec' };

type Media = SessionDescription['media'][number];
interface Codec {
  readonly law: Law;
  readonly payloadType: number;
}

const mirrored: Record<Direction, Direction> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};
const defaultDtmf = 101;

/** Our side of one session's descriptions: one o= line, whose version grows when, and only when, the description changes (RFC 3264 §8). */
export class LocalDescription {
  readonly #local: Address;
  readonly #id = Math.floor(Date.now() / 1000) + Math.floor(Math.random() * 1_000_000);
  #version = this.#id;
  #last: string | undefined;

  constructor(local: Address) {
    this.#local = local;
  }

  /** An offer of both laws, `first` before the other. */
  offer(first: Law = 'PCMU', dtmfPayloadType = defaultDtmf): string {
    const laws: Law[] = first === 'PCMU' ? ['PCMU', 'PCMA'] : ['PCMA', 'PCMU'];
    const codecs = laws.map((law) => ({ law, payloadType: staticType[law] }));
    return this.#render([this.#audio(codecs, dtmfPayloadType, 'sendrecv')]);
  }

  /** Answers an offer with the first of its codecs that we have, and its own payload types. */
  answer(offer: string): Negotiated {
    const session = read(offer);
    if (session === undefined) return { ok: false, reason: 'malformed' };
    const chosen = session.media.find(isUsable);
    const terms = chosen && this.#terms(session, chosen);
    if (chosen === undefined || terms === undefined) return { ok: false, reason: 'no_common_codec' };
    const media = session.media.map((one) =>
      one === chosen ? this.#audio([terms], terms.dtmfPayloadType, terms.direction) : rejected(one),
    );
    return { ok: true, terms, body: this.#render(media) };
  }

  /** Reads the answer to our own offer. */
  accept(answer: string): Negotiated {
    const session = read(answer);
    const chosen = session?.media.find(isUsable);
    if (session === undefined) return { ok: false, reason: 'malformed' };
    const terms = chosen && this.#terms(session, chosen);
    if (terms === undefined) return { ok: false, reason: 'no_common_codec' };
    return { ok: true, terms, body: this.#last ?? '' };
  }

  #terms(session: SessionDescription, media: Media): MediaTerms | undefined {
    const codec = codecsOf(media)[0];
    if (codec === undefined) return undefined;
    const remote = addressOf(session, media);
    // What echoes our own description has no address of its own: a far end that is still to be told where to send.
    const isOurs = remote?.host === this.#local.host && remote.port === this.#local.port;
    return {
      ...codec,
      dtmfPayloadType: dtmfOf(media),
      remote: isOurs ? undefined : remote,
      direction: mirrored[media.direction ?? session.direction ?? 'sendrecv'],
    };
  }

  #audio(codecs: readonly Codec[], dtmfPayloadType: number | undefined, direction: Direction): Media {
    const types = [
      ...codecs.map((codec) => codec.payloadType),
      ...(dtmfPayloadType === undefined ? [] : [dtmfPayloadType]),
    ];
    const dtmf =
      dtmfPayloadType === undefined
        ? []
        : [{ payload: dtmfPayloadType, codec: 'telephone-event', rate: 8000 }];
    return {
      type: 'audio',
      port: this.#local.port,
      protocol: 'RTP/AVP',
      payloads: types.join(' '),
      rtp: [
        ...codecs.map(({ payloadType, law }) => ({ payload: payloadType, codec: law, rate: 8000 })),
        ...dtmf,
      ],
      fmtp: dtmf.map(({ payload }) => ({ payload, config: '0-15' })),
      ptime: 20,
      direction,
    };
  }

  #render(media: readonly Media[]): string {
    const body = (version: number) =>
      write({
        version: 0,
        origin: {
          username: 'tollbridge',
          sessionId: this.#id,
          sessionVersion: version,
          netType: 'IN',
          ipVer: 4,
          address: this.#local.host,
        },
        name: 'tollbridge',
        connection: { version: 4, ip: this.#local.host },
        timing: { start: 0, stop: 0 },
        media: [...media],
      });
    if (this.#last !== undefined && body(this.#version) !== this.#last) this.#version++;
    this.#last = body(this.#version);
    return this.#last;
  }
}

const staticType: Record<Law, number> = { PCMU: 0, PCMA: 8 };

function read(body: string): SessionDescription | undefined {
  if (!/^v=0\r?$/m.test(body)) return undefined;
  try {
    const session = parse(body);
    return session.media.length > 0 && session.media.every(hasPort) ? session : undefined;
  } catch {
    return undefined;
  }
}

/** Its types say that it is a number; of an m= line that it cannot read, it makes none. Port 0 refuses a section (RFC 3264 §6). */
function hasPort({ port }: Media): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}

function isUsable(media: Media): boolean {
  return (
    media.type === 'audio' && media.port !== 0 && media.protocol === 'RTP/AVP' && codecsOf(media).length > 0
  );
}

/** The laws of a media section with their payload types, in its order: static types need no rtpmap. */
function codecsOf(media: Media): Codec[] {
  const codecs: Codec[] = [];
  for (const type of payloadTypesOf(media)) {
    const map = media.rtp.find((one) => one.payload === type);
    const law = map === undefined ? staticLaw(type) : lawOf(map.codec, map.rate);
    if (law !== undefined) codecs.push({ law, payloadType: type });
  }
  return codecs;
}

function lawOf(codec: string, rate: number | undefined): Law | undefined {
  const name = codec.toUpperCase();
  return (rate ?? 8000) === 8000 && (name === 'PCMU' || name === 'PCMA') ? name : undefined;
}

/** What is heard under a payload type that was not agreed on by name. */
export const staticLaw = (type: number): Law | undefined => lawOf(staticCodecs.get(type) ?? '', undefined);

function dtmfOf(media: Media): number | undefined {
  const listed = payloadTypesOf(media);
  return media.rtp.find(
    (one) =>
      one.codec.toLowerCase() === 'telephone-event' && one.rate === 8000 && listed.includes(one.payload),
  )?.payload;
}

function addressOf(session: SessionDescription, media: Media): Address | undefined {
  const host = media.connection?.ip ?? session.connection?.ip;
  // 0.0.0.0 is RFC 2543's way of holding.
  if (host === undefined || !isIPv4(host) || host === '0.0.0.0') return undefined;
  return { host, port: media.port };
}

/** RFC 3264 §6: a section that is not taken keeps its place in the answer, with port 0. */
function rejected({ type, protocol, payloads }: Media): Media {
  return { type, protocol, port: 0, payloads: payloads ?? '0', rtp: [], fmtp: [] };
}
