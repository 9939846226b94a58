import type { Law } from '../g711.ts';

/** What a WAV file holds, where it holds what a call can carry: mono, 8000 samples a second, PCM of 16 bits or G.711. */
export interface Wav {
  readonly encoding: 'PCM16' | Law;
  readonly data: Uint8Array;
}

const required = 'mono, 8000 Hz, as 16-bit PCM, µ-law or A-law';
const formatTags = new Map<number, Wav['encoding'] | 'extensible'>([
  [0x0001, 'PCM16'],
  [0x0006, 'PCMA'],
  [0x0007, 'PCMU'],
  [0xfffe, 'extensible'],
]);

/** Reads a RIFF WAVE file; otherwise says what it is and what it would have to be. */
export function parseWav(file: Buffer): Wav | { readonly wrong: string } {
  if (
    file.length < 12 ||
    file.toString('latin1', 0, 4) !== 'RIFF' ||
    file.toString('latin1', 8, 12) !== 'WAVE'
  )
    return { wrong: `not a WAV file; make it ${required}` };
  let encoding: Wav['encoding'] | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const id = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    // A length of 0xffffffff, or past the end, is what a recorder leaves that was killed: the rest of the file is meant.
    const body = file.subarray(at + 8, Math.min(at + 8 + size, file.length));
    if (id === 'fmt ') {
      const format = readFormat(body);
      if (typeof format !== 'string') return format;
      encoding = format;
    }
    if (id === 'data')
      return encoding === undefined
        ? { wrong: 'its data stand before its format' }
        : { encoding, data: body };
    at += 8 + size + (size % 2);
  }
  return { wrong: 'it holds no audio' };
}

function readFormat(body: Buffer): Wav['encoding'] | { readonly wrong: string } {
  if (body.length < 16) return { wrong: 'its format is cut short' };
  const channels = body.readUInt16LE(2);
  const rate = body.readUInt32LE(4);
  const bits = body.readUInt16LE(14);
  let encoding = formatTags.get(body.readUInt16LE(0));
  if (encoding === 'extensible')
    encoding = body.length >= 26 ? formatTags.get(body.readUInt16LE(24)) : undefined;
  const isCarried =
    encoding !== undefined && encoding !== 'extensible' && bits === (encoding === 'PCM16' ? 16 : 8);
  if (isCarried && channels === 1 && rate === 8000) return encoding as Wav['encoding'];
  return {
    wrong: `${channels} channels, ${rate} Hz, ${bits} bits, format ${body.readUInt16LE(0)}; make it ${required}`,
  };
}

/** The header of a WAV file of 16-bit PCM at 8000 Hz whose samples take `octets`. */
export function wavHeader(channels: 1 | 2, octets: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + octets, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000 * 2 * channels, 28);
  header.writeUInt16LE(2 * channels, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(octets, 40);
  return header;
}
