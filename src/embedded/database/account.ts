/**
 * As whom Postgres runs. It refuses to be root, so a switch that is root hands it to another account: the one that
 * owns the cluster already, else `tollbridge` where the system has it, else `nobody`.
 */
import { readFile, stat } from 'node:fs/promises';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Null: Postgres runs as we do. */
export async function postgresAccount(cluster: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await ownerOf(cluster);
  if (owner && owner.uid !== 0) return owner;
  return (await accountNamed('tollbridge')) ?? (await accountNamed('nobody')) ?? { uid: 65_534, gid: 65_534 };
}

async function ownerOf(path: string): Promise<Account | null> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch {
    return null;
  }
}

async function accountNamed(name: string): Promise<Account | null> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  // macOS writes nobody's uid as -2.
  return Number.isInteger(uid) && Number.isInteger(gid) && fields ? { uid: uid >>> 0, gid: gid >>> 0 } : null;
}
