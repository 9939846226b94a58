import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const keyBytes = 32;

/**
 * The key under which bidders know callers: made once for a data directory, so that a caller has the same hash for as
 * long as the records live, and nobody can go from the hash back to the number.
 */
export async function callerKey(data: string): Promise<Buffer> {
  const file = join(data, 'caller.key');
  const key = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (key?.length === keyBytes) return key;
  if (key !== null) throw new Error(`${file} is no key of ${keyBytes} bytes`);
  const fresh = randomBytes(keyBytes);
  await writeFile(file, fresh, { mode: 0o600, flush: true });
  return fresh;
}
