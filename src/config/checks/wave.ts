/** WAVE_FORMAT_* of RFC 2361. */
const formats: Readonly<Record<number, { bits: number }>> = {
  1: { bits: 16 },
  6: { bits: 8 },
  7: { bits: 8 },
};
/** The real format then stands in the first two bytes of the sub-format. */
const extensible = 0xfffe;

/** From the start of a file: what keeps it from being played, or null where nothing does. */
export function describeWave(head: Buffer): string | null {
  if (
    head.length < 12 ||
    head.toString('latin1', 0, 4) !== 'RIFF' ||
    head.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    return 'is not a WAV file';
  }
  let format: string | null | undefined;
  for (let at = 12; at + 8 <= head.length;) {
    const id = head.toString('latin1', at, at + 4);
    const size = head.readUInt32LE(at + 4);
    const body = head.subarray(at + 8, at + 8 + size);
    if (id === 'fmt ') format = describeFormat(body);
    if (id === 'data') {
      if (format === undefined) return 'has no format before its data';
      return format ?? (size === 0 ? 'holds no sound' : null);
    }
    // Chunks are padded to an even length.
    at += 8 + size + (size % 2);
  }
  return 'is cut short: it holds no sound';
}

function describeFormat(body: Buffer): string | null {
  if (body.length < 16) return 'has a format cut short';
  const written = body.readUInt16LE(0);
  const tag = written === extensible && body.length >= 26 ? body.readUInt16LE(24) : written;
  const channels = body.readUInt16LE(2);
  const rate = body.readUInt32LE(4);
  const bits = body.readUInt16LE(14);
  const known = formats[tag];
  if (known === undefined || bits !== known.bits)
    return `is neither 16-bit PCM nor G.711 (format ${tag}, ${bits} bits)`;
  if (rate !== 8_000) return `plays at ${rate} Hz, not 8000`;
  return channels === 1 ? null : `has ${channels} channels, not one`;
}
