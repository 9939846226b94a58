/** Whether who sent this session description may send no audio for now: it holds, is held, or (RFC 2543) has no address. */
export function isOnHold(sdp: string): boolean {
  return /^a=(?:sendonly|recvonly|inactive)\s*$/m.test(sdp) || /^c=IN IP4 0\.0\.0\.0\s*$/m.test(sdp);
}
