/** Whether a server that did not come up failed for want of space: then waiting and starting again is no use. */
import { open, stat, statfs } from 'node:fs/promises';
import { logFile } from './postmaster.ts';
import type { Cluster } from './cluster.ts';

/** Of what a server writes as it starts, the least. */
const leastSpace = 64 * 1024;
const saysSo = 'No space left on device';
/** The end of the log says why a server ended. */
const lastWords = 8 * 1024;

export const isNoSpace = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

/** How long the server's log is now: what is asked later is asked of what was written since. */
export const logLength = (cluster: Pick<Cluster, 'folder'>): Promise<number> =>
  stat(logFile(cluster)).then(
    ({ size }) => size,
    () => 0,
  );

/** A full disk takes no log either, so the file system is asked as well: what it has for others than root. */
export async function lacksSpace(cluster: Pick<Cluster, 'folder'>, logFrom: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(cluster.folder);
  return bavail * bsize < leastSpace || (await loggedSince(cluster, logFrom)).includes(saysSo);
}

async function loggedSince(cluster: Pick<Cluster, 'folder'>, from: number): Promise<string> {
  const size = await logLength(cluster);
  // A log that was put aside meanwhile began anew.
  const start = Math.max(size < from ? 0 : from, size - lastWords);
  const file = await open(logFile(cluster), 'r').catch(() => null);
  if (!file) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
