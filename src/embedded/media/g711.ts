/**
 * ITU-T G.711: 8 bits a sample, 8000 samples a second, µ-law (PCMU) and A-law (PCMA).
 * All conversions are table look-ups; the tables are computed once from the standard's segments.
 */
export type Law = 'PCMU' | 'PCMA';

/** The octet that decodes to silence: plus zero in each law. */
export const silenceOctet = { PCMU: 0xff, PCMA: 0xd5 } as const satisfies Record<Law, number>;

const muBias = 0x84;
const muClip = 32_635;

const muDecode = Int16Array.from({ length: 256 }, (_, octet) => decodeMu(octet));
const aDecode = Int16Array.from({ length: 256 }, (_, octet) => decodeA(octet));
const muEncode = Uint8Array.from({ length: 65_536 }, (_, index) => encodeMu(index - 32_768));
const aEncode = Uint8Array.from({ length: 65_536 }, (_, index) => encodeA(index - 32_768));
const muToA = Uint8Array.from(muDecode, (sample) => encodeA(sample));
const aToMu = Uint8Array.from(aDecode, (sample) => encodeMu(sample));

/** Encodes linear PCM into `into`, which must be at least as long. */
export function encode(law: Law, pcm: Int16Array, into: Uint8Array): void {
  const table = law === 'PCMU' ? muEncode : aEncode;
  for (let i = 0; i < pcm.length; i++) into[i] = table[(pcm[i] ?? 0) + 32_768] ?? 0;
}

/** Decodes octets into `into`, which must be at least as long. */
export function decode(law: Law, octets: Uint8Array, into: Int16Array): void {
  const table = law === 'PCMU' ? muDecode : aDecode;
  for (let i = 0; i < octets.length; i++) into[i] = table[octets[i] ?? 0] ?? 0;
}

/** Converts octets from one law to the other, or copies them where the laws are the same. */
export function transcode(from: Law, to: Law, octets: Uint8Array, into: Uint8Array): void {
  if (from === to) {
    into.set(octets);
    return;
  }
  const table = from === 'PCMU' ? muToA : aToMu;
  for (let i = 0; i < octets.length; i++) into[i] = table[octets[i] ?? 0] ?? 0;
}

function encodeMu(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), muClip) + muBias;
  const segment = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | mantissa) & 0xff;
}

function decodeMu(octet: number): number {
  const bits = ~octet & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + muBias) << ((bits >> 4) & 0x07);
  return bits & 0x80 ? muBias - magnitude : magnitude - muBias;
}

/** Even bits are inverted on the wire (G.711 §3.2), hence 0x55; the sign bit is 1 for positive samples. */
function encodeA(sample: number): number {
  const positive = sample >= 0;
  const magnitude = (positive ? sample : -sample - 1) >> 3;
  const clipped = Math.min(magnitude, 0xfff);
  const segment = clipped < 0x20 ? 0 : Math.floor(Math.log2(clipped)) - 4;
  const mantissa = (segment === 0 ? clipped >> 1 : clipped >> segment) & 0x0f;
  return ((segment << 4) | mantissa) ^ (positive ? 0xd5 : 0x55);
}

function decodeA(octet: number): number {
  const bits = octet ^ 0x55;
  const segment = (bits >> 4) & 0x07;
  const base = ((bits & 0x0f) << 4) + (segment === 0 ? 8 : 0x108);
  const magnitude = segment > 1 ? base << (segment - 1) : base;
  return bits & 0x80 ? magnitude : -magnitude;
}
