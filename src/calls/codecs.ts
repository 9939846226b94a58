import { parse, write } from 'sdp-transform';

const staticNames: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722', 18: 'G729' };

/** Audio codecs of a session description in its order of preference, telephone-event and comfort noise aside. */
export function audioCodecs(sdp: string): readonly string[] {
  const audio = parse(sdp).media.find((media) => media.type === 'audio');
  if (!audio) return [];
  return payloadsOf(audio)
    .map(Number)
    .map(
      (payload) =>
        audio.rtp.find((rtp) => rtp.payload === payload)?.codec.toUpperCase() ?? staticNames[payload],
    )
    .filter((name): name is string => name !== undefined && !['TELEPHONE-EVENT', 'CN'].includes(name));
}

/** Whether there is an audio stream in RTP that is not encrypted: SRTP is not spoken here. */
export function offersPlainAudio(sdp: string): boolean {
  if (!/^v=0\s/.test(sdp)) return false;
  return parse(sdp).media.some((media) => media.type === 'audio' && /^RTP\/AVPF?$/i.test(media.protocol));
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
    const payloads = payloadsOf(media);
    const isPreferred = (payload: string) =>
      (media.rtp.find((rtp) => String(rtp.payload) === payload)?.codec.toUpperCase() ??
        staticNames[Number(payload)]) === codec;
    media.payloads = [...payloads.filter(isPreferred), ...payloads.filter((one) => !isPreferred(one))].join(
      ' ',
    );
  }
  return write(session);
}

function payloadsOf(media: { readonly payloads?: string | undefined }): string[] {
  // sdp-transform makes a number of a lone payload type, whatever its types say.
  const listed: unknown = media.payloads;
  if (typeof listed === 'number') return [String(listed)];
  return typeof listed === 'string' ? listed.split(' ') : [];
}
