import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startDatabase, type Database, type DatabaseLog } from '../../src/embedded/database/database.ts';
import { makeCheckout, type Checkout } from './support/checkout.ts';
import { keptLog, quiet } from './support/quiet.ts';

// Whole checkouts are made and processes started, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

const isRoot = process.getuid?.() === 0;
let dir: string;
let dataDir: string;
const held: Database[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tollbridge-database-'));
  dataDir = join(dir, 'data');
});
afterEach(async () => {
  for (const database of held.splice(0)) await database.stop();
  await rm(dir, { recursive: true, force: true });
});

async function hold(folder = dataDir, log: DatabaseLog = quiet): Promise<Database> {
  const database = await startDatabase({ dataDir: folder, log });
  held.push(database);
  return database;
}

async function ask<T extends pg.QueryResultRow>(url: string, question: string): Promise<T[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(question)).rows;
  } finally {
    await client.end();
  }
}

const postmasterOf = async (folder = dataDir): Promise<number> =>
  Number((await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

/** A signal of 0 asks only; a zombie has gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (facts.includes(') Z')) return;
    await pause(10);
  }
}

interface Holder {
  readonly child: ChildProcess;
  readonly url: string;
  readonly took: number;
  stop(): Promise<number | null>;
}

/** Another process that holds the database. */
async function holder(command: string, args: readonly string[], options: object = {}): Promise<Holder> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])])) as [
    string,
  ];
  if (line === '') throw new Error('the holder ended');
  return {
    child,
    ...(JSON.parse(line) as { url: string; took: number }),
    stop: async () => {
      child.stdin.write('stop\n');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}

const holderOf = (folder: string): Promise<Holder> =>
  holder(process.execPath, [
    '--import',
    fileURLToPath(new URL('support/typescript-hook.mjs', import.meta.url)),
    fileURLToPath(new URL('support/holds-database.ts', import.meta.url)),
    folder,
  ]);

describe('starting and stopping', () => {
  it('makes a database, stops it, and starts it again within 2 s with what it held', async () => {
    const first = await hold();
    await ask(first.url, 'create table kept as select 42 as answer');
    const pid = await postmasterOf();
    await held.pop()!.stop();
    await gone(pid);
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.log']);

    const began = performance.now();
    const second = await hold();
    expect(performance.now() - began).toBeLessThan(2000);
    expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('notes its address for psql, for the owner alone', async () => {
    const { url } = await hold();
    const path = join(dataDir, 'database.url');
    expect((await readFile(path, 'utf8')).trim()).toBe(url);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('listens on 127.0.0.1 and lets nobody in without the password', async () => {
    const { url } = await hold();
    expect(await ask(url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const without = Object.assign(new URL(url), { password: 'guess' }).href;
    await expect(ask(without, 'select 1')).rejects.toThrow('password');
  });

  it('is joined by who comes second, and shut down by who leaves last', async () => {
    const [first, second] = await Promise.all([hold(), hold()]);
    expect(second.url).toBe(first.url);
    const pid = await postmasterOf();
    await first.stop();
    expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    held.splice(0);
    await second.stop();
    await gone(pid);
  });

  it('is shared by processes, whichever started it', async () => {
    const other = await holderOf(dataDir);
    const { url } = await hold();
    expect(url).toBe(other.url);
    expect(await other.stop()).toBe(0);
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('kill -9', () => {
  it('of the database: it is back at the same address, and nothing that was committed is lost', async () => {
    const log = keptLog();
    const { url } = await hold(dataDir, log);
    await ask(url, 'create table kept (n int)');
    for (let n = 0; n < 20; n++) await ask(url, `insert into kept values (${n})`);
    const pid = await postmasterOf();
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(await askPatiently(url, 'select count(*)::int as n from kept')).toEqual([{ n: 20 }]);
    const told = () => log.lines.map(({ fields }) => fields);
    expect(told()).toContainEqual(expect.objectContaining({ event: 'database_gone' }));
    await expect.poll(told).toContainEqual(expect.objectContaining({ event: 'database_back' }));
  });

  it('of the switch: the database ends with it, and the next start has what was committed', async () => {
    const killed = await holderOf(dataDir);
    await ask(killed.url, 'create table kept as select 42 as answer');
    const pid = await postmasterOf();
    killed.child.kill('SIGKILL');
    await gone(pid);
    const { url } = await hold();
    expect(await ask(url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('of the switch, and a start at once: the ending database is waited for', async () => {
    const killed = await holderOf(dataDir);
    await ask(killed.url, 'create table kept as select 42 as answer');
    killed.child.kill('SIGKILL');
    const { url } = await hold();
    expect(await ask(url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await pause(300);
    expect(await askPatiently(url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('of the switch and of all that watches over it: the next start takes the orphan over', async () => {
    const killed = await holderOf(dataDir);
    const pid = await postmasterOf();
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
    const watch = stdout
      .split('\n')
      .find((line) => line.includes('read -r line') && line.endsWith(` ${pid}`));
    process.kill(Number.parseInt(watch!, 10), 'SIGKILL');
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const database = await startDatabase({ dataDir, log: quiet });
    expect(database.url).toBe(killed.url);
    expect(await postmasterOf()).toBe(pid);
    await database.stop();
    await gone(pid);
  });

  it('of the database while nobody holds it: a pid file whose number is another process’s is seen through', async () => {
    const { url } = await hold();
    await ask(url, 'create table kept as select 42 as answer');
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    const left = await readFile(file, 'utf8');
    await held.pop()!.stop();
    const innocent = spawn(
      'sleep',
      ['60'],
      isRoot ? { uid: 65_534, gid: 65_534, stdio: 'ignore' } : { stdio: 'ignore' },
    );
    onTestFinished(() => void innocent.kill('SIGKILL'));
    await writeFile(file, left.replace(/^\d+/, String(innocent.pid)));
    const again = await hold();
    expect(await ask(again.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(innocent.exitCode).toBeNull();
  });
});

/** A database that ended under us comes back at the same address. */
async function askPatiently(url: string, question: string): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask(url, question);
    } catch (error) {
      if (tries > 200) throw error;
      await pause(25);
    }
  }
}

describe('a folder of its own', () => {
  it('a copy made while it runs is another database', async () => {
    const original = await hold();
    await ask(original.url, 'create table kept as select 42 as answer; checkpoint');
    const copied = join(dir, 'copy');
    await promisify(execFile)('cp', ['-Rp', dataDir, copied]);
    const copy = await hold(copied);
    expect(copy.url).not.toBe(original.url);
    await ask(copy.url, 'drop table kept');
    expect(await ask(original.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('a folder that is no database of ours is refused in words', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'something'), 'else');
    await expect(startDatabase({ dataDir, log: quiet })).rejects.toThrow(
      'is not a database that tollbridge made',
    );
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });
});

describe('in a checkout that no other user may enter, with install scripts off', () => {
  let checkout: Checkout;
  afterEach(() => checkout.remove());

  async function works(as: object): Promise<void> {
    const env = { PATH: process.env['PATH'], TMPDIR: checkout.folder };
    const data = join(checkout.folder, 'data');
    const running = await holder(checkout.node, [checkout.script, data], {
      cwd: checkout.folder,
      env,
      ...as,
    });
    expect(await ask(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const pid = await postmasterOf(data);
    expect((await stat(checkout.folder)).mode & 0o777).toBe(0o700);
    expect(await running.stop()).toBe(0);
    await gone(pid);
  }

  it(isRoot ? 'as root' : 'as this user', async () => {
    checkout = await makeCheckout(process.getuid?.() ?? 0);
    await works({});
  });

  // Root runs them as somebody else, for whom permissions hold; anybody else is such a user already.
  const user = isRoot ? 65_534 : (process.getuid?.() ?? 0);
  const asUser = isRoot ? { uid: user, gid: user } : {};

  it('as a user who is not root', async () => {
    checkout = await makeCheckout(user);
    await works(asUser);
  });

  it('as a user who is not root, with modules that cannot be written', async () => {
    checkout = await makeCheckout(user);
    await chmod(checkout.libraries, 0o500);
    await works(asUser);
    expect((await readdir(checkout.libraries)).includes('libpq.so.5')).toBe(false);
  });
});
