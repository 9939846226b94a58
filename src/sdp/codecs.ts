/** What the two sides of a call offer each other, as far as the call must know to bring them together. */
import { parse, write, type SessionDescription } from 'sdp-transform';
import { payloadTypesOf, staticCodecs } from './payload-types.ts';

type Media = SessionDescription['media'][number];

/** A call's two sides are looked at several times each; the last few are remembered. Nobody changes what is. */
const mostRead = 64;
const lastRead = new Map<string, SessionDescription>();

function read(sdp: string): SessionDescription {
  const known = lastRead.get(sdp);
  if (known !== undefined) return known;
  const session = parse(sdp);
  lastRead.set(sdp, session);
  const [oldest] = lastRead.size > mostRead ? lastRead.keys() : [];
  if (oldest !== undefined) lastRead.delete(oldest);
  return session;
}

/** Audio codecs of a session description in its order of preference, telephone-event and comfort noise aside. */
export function audioCodecs(sdp: string): readonly string[] {
  const audio = read(sdp).media.find((media) => media.type === 'audio');
  if (!audio) return [];
  return payloadTypesOf(audio)
    .map((type) => codecOf(audio, type))
    .filter((name): name is string => name !== undefined && !['TELEPHONE-EVENT', 'CN'].includes(name));
}

/** Whether there is an audio stream in RTP that is not encrypted: SRTP is not spoken here. */
export function offersPlainAudio(sdp: string): boolean {
  if (!/^v=0\s/.test(sdp)) return false;
  return read(sdp).media.some((media) => media.type === 'audio' && /^RTP\/AVPF?$/i.test(media.protocol));
}

/** Whether an answer keeps to what was offered; one that does not is noise in somebody's ear. */
export function shareCodec(offer: string, answer: string): boolean {
  const offered = audioCodecs(offer);
  return audioCodecs(answer).some((codec) => offered.includes(codec));
}

/** The second leg is offered first what the first leg chose: nothing to transcode where both can speak it. */
export function preferCodec(sdp: string, codec: string): string {
  const session = parse(sdp);
  for (const media of session.media) {
    if (media.type !== 'audio') continue;
    const types = payloadTypesOf(media);
    const isPreferred = (type: number) => codecOf(media, type) === codec;
    media.payloads = [...types.filter(isPreferred), ...types.filter((type) => !isPreferred(type))].join(' ');
  }
  return write(session);
}

function codecOf({ rtp }: Media, type: number): string | undefined {
  return rtp.find(({ payload }) => payload === type)?.codec.toUpperCase() ?? staticCodecs.get(type);
}
