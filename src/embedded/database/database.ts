/**
 * A Postgres of the switch's own, in its data directory. Whoever needs it (the switch, a command) calls `startDatabase`:
 * the first one starts it, others join, the last one to stop shuts it down. It is held by a shared advisory lock; when
 * that session ends without our doing, the server died, and we start it again on the same port.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { postgresAccount } from './account.ts';
import { findBinaries, type Binaries } from './binaries.ts';
import { openCluster, superuser, type Cluster } from './cluster.ts';
import { findPostmaster, freePort, isFree, launch, logFile, shutDown } from './postmaster.ts';
import type { Launched, Postmaster } from './postmaster.ts';
import { isNoSpace, lacksSpace, logLength } from './space.ts';
import { messageOf } from '../../message-of.ts';

export interface DatabaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface Database {
  /** postgres:// with a password; stays the same while this process holds the database. */
  readonly url: string;
  /** Shuts the server down unless others still use it. */
  stop(): Promise<void>;
}

/** Throws where no Postgres can run here, saying why and what to do. */
export async function startDatabase(options: { dataDir: string; log: DatabaseLog }): Promise<Database> {
  const { dataDir, log } = options;
  await mkdir(dataDir, { recursive: true });
  const account = await postgresAccount(join(dataDir, 'postgres'));
  const binaries = await findBinaries(account);
  const cluster = await openCluster(dataDir, binaries, account);
  const held = new HeldDatabase(binaries, cluster, log);
  await held.hold();
  await noteUrl(dataDir, held.url).catch((error: unknown) => {
    log.warn(
      { event: 'database_address_not_noted', error: messageOf(error) },
      'the address of the embedded database cannot be noted',
    );
  });
  return {
    url: held.url,
    stop: async () => {
      if ((await held.release()) === 'shut down') await rm(urlFile(dataDir), { force: true });
    },
  };
}

/** For people: `psql "$(cat data/database.url)"`. */
const urlFile = (dataDir: string): string => join(dataDir, 'database.url');

async function noteUrl(dataDir: string, url: string): Promise<void> {
  const noted = await readFile(urlFile(dataDir), 'utf8').catch(() => '');
  if (noted === `${url}\n`) return;
  await writeFile(urlFile(dataDir), `${url}\n`, { mode: 0o600 });
  await chmod(urlFile(dataDir), 0o600);
}

/** Any number that no other part takes advisory locks by. */
const useLock = '7011550001';
/** Longer than the recovery of a killed server's log takes. */
const patience = 60_000;
/** Between two launches: a server that cannot live is not started again and again without a rest. */
const longestRest = 2000;

class HeldDatabase {
  readonly #binaries: Binaries;
  readonly #cluster: Cluster;
  readonly #log: DatabaseLog;
  #postmaster: Postmaster | null = null;
  #launched: Launched | null = null;
  #session: pg.Client | null = null;
  #releasing = false;
  #restarting: Promise<void> = Promise.resolve();

  constructor(binaries: Binaries, cluster: Cluster, log: DatabaseLog) {
    this.#binaries = binaries;
    this.#cluster = cluster;
    this.#log = log;
  }

  get url(): string {
    if (!this.#postmaster) throw new Error('the database was not started');
    return `postgres://${superuser}:${this.#cluster.password}@127.0.0.1:${this.#postmaster.port}/postgres`;
  }

  /** Joins the running server, or starts one and joins that. */
  async hold(): Promise<void> {
    const deadline = Date.now() + patience;
    const logFrom = await logLength(this.#cluster);
    let why = 'no answer';
    let launches = 0;
    while (Date.now() < deadline) {
      const running = await findPostmaster(this.#cluster);
      if (running === null) {
        if (launches > 0) {
          if (await lacksSpace(this.#cluster, logFrom)) throw this.#noSpace();
          await pause(Math.min(longestRest, 25 * 2 ** launches));
          // Another process may have started one meanwhile.
          if ((await findPostmaster(this.#cluster)) !== null) continue;
        }
        launches += 1;
        why = await this.#launch();
        continue;
      }
      const joined = await this.#join(running);
      if (joined === true) return;
      why = joined;
      await pause(10);
    }
    throw new Error(`the embedded database does not come up: ${why}. See ${logFile(this.#cluster)}`);
  }

  #noSpace(): Error {
    return new Error(`the embedded database does not come up: no space is left for ${this.#cluster.folder}`);
  }

  async #launch(): Promise<string> {
    const port = await this.#choosePort();
    if (port === null) return `port ${this.#postmaster?.port ?? 0} is taken`;
    const launched = await launch(this.#binaries, this.#cluster, port);
    this.#launched = launched;
    // Another process may be starting one too: of two servers one yields, and we join the other.
    const gone = launched.gone.then((how) => `it ended with ${how}`);
    for (;;) {
      const how = await Promise.race([gone, pause(5, 'starting')]);
      if (how === 'starting' && (await findPostmaster(this.#cluster)) === null) continue;
      if (how !== 'starting') await pause(100);
      return how;
    }
  }

  /** Users of the URL stay connected across a restart, so the port stays; null while another program sits on it. */
  async #choosePort(): Promise<number | null> {
    if (!this.#postmaster) return freePort();
    if (await isFree(this.#postmaster.port)) return this.#postmaster.port;
    await pause(100);
    return null;
  }

  async #join(running: Postmaster): Promise<true | string> {
    if (running.port === 0) return 'starting';
    const session = new pg.Client({
      host: '127.0.0.1',
      port: running.port,
      user: superuser,
      password: this.#cluster.password,
      database: 'postgres',
      application_name: 'tollbridge (holds the database)',
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    });
    session.on('error', () => undefined);
    try {
      await session.connect();
      if (!(await servesOurFolder(session, this.#cluster)))
        throw new Error(`port ${running.port} serves another folder`);
      await session.query(`select pg_advisory_lock_shared(${useLock})`);
    } catch (error) {
      await session.end().catch(() => undefined);
      if (isNoSpace(error)) throw this.#noSpace();
      return messageOf(error);
    }
    this.#session = session;
    this.#postmaster = running;
    session.once('end', () => this.#onLost());
    return true;
  }

  #onLost(): void {
    if (this.#releasing) return;
    this.#session = null;
    this.#log.error(
      { event: 'database_gone', pid: this.#postmaster?.pid },
      'the embedded database went away; starting it again',
    );
    this.#restarting = this.#holdAgain();
  }

  async #holdAgain(): Promise<void> {
    while (!this.#releasing) {
      try {
        await this.hold();
        this.#log.info(
          { event: 'database_back', pid: this.#postmaster?.pid },
          'the embedded database is back',
        );
        return;
      } catch (error) {
        this.#log.error(
          { event: 'database_still_gone', error: String(error) },
          'the embedded database is still away',
        );
        await pause(1000);
      }
    }
  }

  /** The last one out shuts it down. */
  async release(): Promise<'shut down' | 'in use'> {
    this.#releasing = true;
    await this.#restarting;
    const session = this.#session;
    const postmaster = this.#postmaster;
    this.#session = null;
    const alone = session ? await isLast(session) : true;
    await session?.end().catch(() => undefined);
    if (alone && postmaster) await shutDown(postmaster, this.#cluster);
    this.#launched?.letLive();
    return alone ? 'shut down' : 'in use';
  }
}

async function isLast(session: pg.Client): Promise<boolean> {
  try {
    const { rows } = await session.query<{ last: boolean }>(
      `select pg_advisory_unlock_shared(${useLock}), pg_try_advisory_lock(${useLock}) as last`,
    );
    return rows[0]?.last ?? true;
  } catch {
    return true;
  }
}

/** A copied data directory has the pid file and the password of the original: only a shared file tells them apart. */
async function servesOurFolder(session: pg.Client, cluster: Cluster): Promise<boolean> {
  const name = `tollbridge.proof-${randomBytes(8).toString('hex')}`;
  const path = join(cluster.folder, name);
  try {
    // Of no length: a full disk, on which a server may run and be asked, takes it.
    await writeFile(path, '');
    await chmod(path, 0o644);
    const { rows } = await session.query<{ found: string | null }>('select pg_read_file($1, true) as found', [
      name,
    ]);
    return rows[0]?.found === '';
  } finally {
    await rm(path, { force: true });
  }
}
