import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decode, encode, silenceOctet, transcode, type Law } from '../../src/embedded/media/g711.ts';

const everyOctet = Uint8Array.from({ length: 256 }, (_, octet) => octet);
const laws: Law[] = ['PCMU', 'PCMA'];

function decoded(law: Law, octets: Uint8Array): Int16Array {
  const pcm = new Int16Array(octets.length);
  decode(law, octets, pcm);
  return pcm;
}

function encoded(law: Law, pcm: Int16Array): Uint8Array {
  const octets = new Uint8Array(pcm.length);
  encode(law, pcm, octets);
  return octets;
}

describe('G.711', () => {
  it('decodes the values of the ITU-T tables', () => {
    expect([...decoded('PCMU', Uint8Array.of(0x00, 0x80, 0x7f, 0xff, 0x8f, 0xe0, 0x55))]).toEqual([
      -32124, 32124, 0, 0, 16764, 372, -716,
    ]);
    expect([...decoded('PCMA', Uint8Array.of(0x2a, 0xaa, 0x55, 0xd5, 0x80, 0x00, 0x75))]).toEqual([
      -32256, 32256, -8, 8, 5504, -5504, -528,
    ]);
  });

  it.each(laws)('decodes all of %s as sox does', (law) => {
    const pcm = decoded(law, everyOctet);
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(soxDigest[law]);
  });

  it.each(laws)('%s survives decoding and encoding', (law) => {
    const again = encoded(law, decoded(law, everyOctet));
    const changed = everyOctet.filter((octet) => again[octet] !== octet);
    // µ-law has two zeros, and minus zero becomes plus zero.
    expect([...changed]).toEqual(law === 'PCMU' ? [0x7f] : []);
  });

  it.each(laws)('%s keeps each sample within half a step of its segment', (law) => {
    const pcm = Int16Array.from({ length: 64_000 }, (_, i) => i - 32_000);
    const heard = decoded(law, encoded(law, pcm));
    for (const [i, sample] of pcm.entries()) {
      const error = Math.abs(heard[i]! - sample);
      if (error > Math.abs(sample) / 32 + 8) expect.fail(`${sample} became ${heard[i]!}`);
    }
  });

  it('transcodes by way of the linear values, and silence to silence', () => {
    const into = new Uint8Array(256);
    transcode('PCMU', 'PCMA', everyOctet, into);
    expect(into).toEqual(encoded('PCMA', decoded('PCMU', everyOctet)));
    transcode('PCMA', 'PCMU', everyOctet, into);
    expect(into).toEqual(encoded('PCMU', decoded('PCMA', everyOctet)));
    expect(encoded('PCMU', new Int16Array(1))[0]).toBe(silenceOctet.PCMU);
    expect(encoded('PCMA', new Int16Array(1))[0]).toBe(silenceOctet.PCMA);
  });
});

const soxDigest: Record<Law, string> = {
  PCMU: '3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827',
  PCMA: 'e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174',
};
