/** RFC 3550 §5.1: the fixed header and what may stand between it and the payload. */
export const headerOctets = 12;

export interface RtpHeader {
  payloadType: number;
  marker: boolean;
  seq: number;
  timestamp: number;
  ssrc: number;
  /** Where the payload lies in the datagram. */
  start: number;
  end: number;
}

/** Reads a datagram into `into`, which is reused from packet to packet; false for what is no RTP version 2. */
export function readHeader(data: Buffer, into: RtpHeader): boolean {
  if (data.length < headerOctets) return false;
  const first = data.readUInt8(0);
  const second = data.readUInt8(1);
  if (first >> 6 !== 2) return false;
  // RFC 5761 §4: payload types 72 to 76 with the marker are RTCP that came to the wrong port.
  if (second >= 200 && second <= 204) return false;
  let start = headerOctets + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (data.length < start + 4) return false;
    start += 4 + 4 * data.readUInt16BE(start + 2);
  }
  const end = first & 0x20 ? data.length - data.readUInt8(data.length - 1) : data.length;
  if (start > end) return false;
  into.payloadType = second & 0x7f;
  into.marker = (second & 0x80) !== 0;
  into.seq = data.readUInt16BE(2);
  into.timestamp = data.readUInt32BE(4);
  into.ssrc = data.readUInt32BE(8);
  into.start = start;
  into.end = end;
  return true;
}

export function writeHeader(
  into: Buffer,
  payloadType: number,
  marker: boolean,
  seq: number,
  timestamp: number,
  ssrc: number,
): void {
  into.writeUInt8(0x80, 0);
  into.writeUInt8(marker ? payloadType | 0x80 : payloadType, 1);
  into.writeUInt16BE(seq, 2);
  into.writeUInt32BE(timestamp, 4);
  into.writeUInt32BE(ssrc, 8);
}

/** The signed distance from `from` to `to` on a counter of 16 bits. */
export function seqDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

/** The signed distance from `from` to `to` on a counter of 32 bits. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0;
}
