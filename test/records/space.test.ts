/** What tells a server that failed for want of space from one that failed otherwise. */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isNoSpace, lacksSpace, logLength } from '../../src/embedded/database/space.ts';

it('is what the server’s log says since then, not what it said before', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tollbridge-space-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const cluster = { folder: join(dir, 'postgres') };
  await mkdir(cluster.folder);
  const log = join(dir, 'postgres.log');
  const full = 'FATAL:  could not write lock file "postmaster.pid": No space left on device\n';

  expect(await lacksSpace(cluster, await logLength(cluster))).toBe(false);
  await writeFile(log, full);
  const before = await logLength(cluster);
  expect(before).toBe(full.length);
  await appendFile(log, 'FATAL:  could not bind\n');
  expect(await lacksSpace(cluster, before)).toBe(false);
  await appendFile(log, full);
  expect(await lacksSpace(cluster, before)).toBe(true);
  // Put aside, it began anew and is shorter.
  await writeFile(log, full);
  expect(await lacksSpace(cluster, before + 500)).toBe(true);
});

it('is an error of the file system that says so', () => {
  const failed = (code: string) => Object.assign(new Error('write'), { code });
  expect(isNoSpace(failed('ENOSPC'))).toBe(true);
  expect(isNoSpace(failed('EROFS'))).toBe(false);
});
