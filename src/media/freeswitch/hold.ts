/**
 * Whether who sent this session description may send no audio for now: it holds, is held, or (RFC 2543) has no address.
 * What the audio does not say itself, the session says for it (RFC 3264 5.1, 8.4; RFC 8866 5.7); what is said of other
 * media, as of a video that was refused, is nothing of the audio.
 */
export function isOnHold(sdp: string): boolean {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m);
  const audio = media.filter((section) => section.startsWith('m=audio '));
  const section = audio.find((one) => !/^m=audio 0[ /]/.test(one)) ?? audio[0] ?? '';
  const direction = directionIn(section) ?? directionIn(session) ?? 'sendrecv';
  return direction !== 'sendrecv' || (addressIn(section) ?? addressIn(session)) === '0.0.0.0';
}

const directionIn = (part: string) => /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(part)?.[1];
const addressIn = (part: string) => /^c=IN IP4 ([\d.]+)\s*$/m.exec(part)?.[1];
