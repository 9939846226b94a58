/** CRC-32 as in gzip. */
import * as zlib from 'node:zlib';

type Crc32 = (data: string | Uint8Array) => number;

/** Of a text, of its UTF-8 bytes. Node.js has it from 20.15 on, five times as fast: this runs on the call path. */
export const crc32: Crc32 = (zlib as Partial<Pick<typeof zlib, 'crc32'>>).crc32 ?? crc32ByTable;

export function crc32ByTable(data: string | Uint8Array): number {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  let crc = 0xffffffff;
  // By index: `for … of` over a Buffer takes ten times as long.
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let entry = n;
  for (let bit = 0; bit < 8; bit++) entry = (entry & 1) === 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
  return entry;
});
