/**
 * A disk that can be filled. Root lays a small file system under the journal and fills it: a real ENOSPC. Others limit
 * how long a file of the switch may grow (RLIMIT_FSIZE), so that its writes are refused with EFBIG.
 */
import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Disk {
  readonly kind: 'a file system that is full' | 'a limit on the length of files';
  /** `pid` is the switch's. */
  fill(pid: number): Promise<void>;
  free(pid: number): Promise<void>;
  close(): Promise<void>;
}

export async function diskFor(journal: string): Promise<Disk> {
  await mkdir(journal, { recursive: true, mode: 0o700 });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=192m,mode=0700', 'tollbridge-drill', journal]);
  } catch {
    return limitedDisk;
  }
  const filler = join(journal, 'filler');
  return {
    kind: 'a file system that is full',
    fill: () => fill(filler),
    free: () => rm(filler, { force: true }),
    close: async () => {
      await run('umount', ['--lazy', journal]);
    },
  };
}

const limit = async (pid: number, bytes: string): Promise<void> => {
  await run('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`]);
};

export const limitedDisk: Disk = {
  kind: 'a limit on the length of files',
  fill: (pid) => limit(pid, '1'),
  free: (pid) => limit(pid, 'unlimited'),
  close: () => Promise.resolve(),
};

/** To the last byte: in large pieces first, then in small ones. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const bytes of [1 << 20, 4096, 1])
      for (let isFull = false; !isFull;)
        isFull = await file.write(Buffer.alloc(bytes)).then(
          ({ bytesWritten }) => bytesWritten < bytes,
          (error: unknown) => {
            if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return true;
            throw error;
          },
        );
  } finally {
    await file.close();
  }
}
