/** The little of WAV that a phone needs: 16-bit linear PCM at 8000 samples a second. */

export const sampleRate = 8000;

/**
 * The samples of the left channel: in a recording of a call, what the far end said. Read even while the file is still
 * being written: the lengths in the header of a growing file are not yet true, so everything after the `data` header
 * counts. Anything but 8 kHz 16-bit PCM is an error.
 */
export function readWav(file: Buffer): Int16Array {
  if (file.length < 12) return new Int16Array(0);
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('not a WAV file');
  let channels = 1;
  for (let at = 12; at + 8 <= file.length;) {
    const id = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    if (id === 'data') return leftChannel(file.subarray(at + 8), channels);
    if (id === 'fmt ' && at + 24 <= file.length) channels = channelsOf(file.subarray(at + 8, at + 24));
    at += 8 + size + (size % 2);
  }
  return new Int16Array(0);
}

export function writeWav(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}

function channelsOf(format: Buffer): number {
  const [kind, channels] = [format.readUInt16LE(0), format.readUInt16LE(2)];
  const [rate, bits] = [format.readUInt32LE(4), format.readUInt16LE(14)];
  if (kind !== 1 || rate !== sampleRate || bits !== 16)
    throw new Error(`a recording is 8000 Hz 16-bit PCM, not ${rate} Hz, ${bits} bits, format ${kind}`);
  return channels;
}

function leftChannel(data: Buffer, channels: number): Int16Array {
  // A copy: a Buffer need not start at an even address, and an Int16Array must.
  const whole = data.length - (data.length % (2 * channels));
  const all = new Int16Array(Uint8Array.prototype.slice.call(data, 0, whole).buffer);
  if (channels === 1) return all;
  const left = new Int16Array(all.length / channels);
  for (let n = 0; n < left.length; n++) left[n] = all[n * channels] ?? 0;
  return left;
}
