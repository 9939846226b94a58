/** The files of the embedded database: `<data>/postgres` is the cluster, made by initdb once. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';

export const superuser = 'tollbridge';

export interface Cluster {
  readonly folder: string;
  readonly password: string;
  readonly account: Account | null;
}

/** The password lives inside the cluster that it opens, so that neither is ever without the other. */
const passwordFile = 'tollbridge.password';

const clusterFolder = (dataDir: string): string => join(dataDir, 'postgres');

/** Makes the cluster where there is none yet. Two processes may try at once: the first rename wins. */
export async function openCluster(
  dataDir: string,
  binaries: Binaries,
  account: Account | null,
): Promise<Cluster> {
  const folder = clusterFolder(dataDir);
  const password =
    (await readPassword(folder)) ??
    (await createCluster(folder, binaries, account)) ??
    (await readPassword(folder));
  if (password === null) throw new Error(`${folder} is not a database that tollbridge made; move it away`);
  await assertVersion(folder, binaries);
  return { folder, password, account };
}

/**
 * What Postgres is told its data directory is. Another account cannot walk down to a folder below one that only root
 * may enter; but a process that starts inside it may stay, and `/proc/self/cwd` leads there without a walk.
 */
export const clusterPath = (cluster: Pick<Cluster, 'folder' | 'account'>): string =>
  cluster.account && process.platform === 'linux' ? '/proc/self/cwd' : cluster.folder;

async function readPassword(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, passwordFile), 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      throw new Error(
        `${folder} belongs to another user: run as that user or as root, or give it to this one`,
        {
          cause: error,
        },
      );
    throw error;
  }
}

/** Returns the new password, or null where another process was faster. */
async function createCluster(
  folder: string,
  binaries: Binaries,
  account: Account | null,
): Promise<string | null> {
  const password = randomBytes(24).toString('base64url');
  const staging = await mkdtemp(`${folder}.new-`);
  const made = join(staging, 'cluster');
  try {
    await writeFile(join(staging, passwordFile), password, { mode: 0o600 });
    await mkdir(made, { mode: 0o700 });
    if (account) await giveTo(account, [staging, made, join(staging, passwordFile)]);
    await promisify(execFile)(binaries.initdb, initdbArguments(clusterPath({ folder: made, account })), {
      cwd: made,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...account,
    });
    await rename(join(staging, passwordFile), join(made, passwordFile));
    await rename(made, folder);
    return password;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))
      return null;
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function giveTo(account: Account, paths: readonly string[]): Promise<void> {
  try {
    for (const path of paths) await chown(path, account.uid, account.gid);
  } catch (error) {
    throw new Error(
      `Postgres refuses to run as root, and files here cannot be given to uid ${account.uid}: ${String(error)}. Run as another user, or set DATABASE_URL`,
      { cause: error },
    );
  }
}

const initdbArguments = (path: string): readonly string[] => [
  `--pgdata=${path}`,
  `--username=${superuser}`,
  // Relative to the working directory, which is the new cluster.
  `--pwfile=../${passwordFile}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];

async function assertVersion(folder: string, binaries: Binaries): Promise<void> {
  const made = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await promisify(execFile)(binaries.postgres, ['--version'], { env: {}, cwd: '/' });
  const ours = /(\d+)\.\d+/.exec(stdout)?.[1];
  if (ours !== made)
    throw new Error(
      `${folder} was made by Postgres ${made}, this is Postgres ${ours ?? stdout}: dump it with the old one and load it, or set DATABASE_URL`,
    );
}
