import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';

/**
 * Random bytes that are made once and then found again, in a file that only its owner reads. Written aside and renamed:
 * after a crash there are all of them, or none.
 */
export async function lastingBytes(file: string, length: number): Promise<Buffer> {
  const found = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (found?.length === length) return found;
  if (found !== null) throw new Error(`${file} does not hold ${length} bytes`);
  const fresh = randomBytes(length);
  const aside = await open(`${file}.new`, 'w', 0o600);
  try {
    await aside.writeFile(fresh);
    await aside.sync();
  } finally {
    await aside.close();
  }
  await rename(`${file}.new`, file);
  return fresh;
}
