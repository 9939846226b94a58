/** How a switch learns who holds which number, from a real Postgres, its connections cut and its clock ours. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sql } from 'kysely';
import {
  startHoldingsFeed,
  type FeedOptions,
  type HoldingsFeed,
} from '../../src/publishers/holdings-feed.ts';
import type { Records } from '../../src/records/open-records.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';
import { wayTo as openWay } from './support/way-to.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const number = '+18005550150';
const second = (n: number) => Date.UTC(2026, 2, 2, 15, 0, 0) + n * 1000;

/** A feed of a database of its own, and what it logged; `heard` waits for the next event of a name. */
async function stage() {
  const records = await database.fresh();
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-feed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'holdings.json');
  await records.db
    .insertInto('applications')
    .values({
      id: 'a1',
      publisher: 'clickwise',
      campaign: 'solar',
      source: 'radio',
      decided_at: null,
      decided_by: null,
      why: null,
    })
    .execute();
  return {
    records,
    file,
    follow: (options: Partial<FeedOptions> = {}) => follow(records.url, file, options),
  };
}

async function follow(url: string, file: string, options: Partial<FeedOptions> = {}) {
  const events: string[] = [];
  const waiting = new Set<() => void>();
  const feed = await startHoldingsFeed({
    ...{ url, file, now: () => second(10), pollMs: 600_000, longestPauseMs: 50 },
    log: (_level, event) => {
      events.push(event);
      for (const wake of waiting) wake();
    },
    ...options,
  });
  onTestFinished(() => feed.stop());
  /** Until that event was logged so many times. */
  const heard = async (event: string, times = 1): Promise<void> => {
    const enough = () => events.filter((one) => one === event).length >= times;
    if (enough()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!enough()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
    });
  };
  return { feed, heard, events };
}

interface Held {
  readonly from?: number;
  readonly until?: number | null;
  readonly publisher?: string;
  readonly use?: 'fixed' | 'visitors';
  readonly paused?: boolean;
  readonly number?: string;
}

const hold = async ({ db }: Records, held: Held = {}): Promise<bigint> => {
  const { from = second(0), until = null, publisher = 'clickwise', ...rest } = held;
  const row = await db
    .insertInto('holdings')
    .values({
      ...{ number, pool: 'toll-free', campaign: 'solar', source: 'radio', application: 'a1', publisher },
      ...{ held_from: new Date(from), held_until: until === null ? null : new Date(until) },
      ...rest,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
};

const told = ({ db }: Records) => sql`select pg_notify('tollbridge_holdings', '')`.execute(db);

const holder = (feed: HoldingsFeed, at: number, of = number) => feed.held(of, at)?.publisher ?? null;

test('what was held at the start, and what is told of afterwards', async () => {
  const { records, follow } = await stage();
  await hold(records);
  const { feed, heard } = await follow();
  await feed.loaded;
  expect(feed.held(number, second(10))).toEqual({
    ...{ campaign: 'solar', publisher: 'clickwise', source: 'radio', paused: false },
  });
  expect(holder(feed, second(10), '+18005550151')).toBeNull();
  await hold(records, { number: '+18005550151', paused: true });
  await heard('holdings_changed');
  expect(feed.held('+18005550151', second(10))).toMatchObject({ publisher: 'clickwise', paused: true });
  expect(feed.stats()).toEqual({ connected: true, lagSeconds: 0, holdings: 2 });
});

test('a hand-over at a second: the millisecond before is the old holder’s, the second itself the new one’s', async () => {
  const { records, follow } = await stage();
  await hold(records, { until: second(20) });
  await hold(records, { from: second(20), publisher: 'homeleads' });
  const { feed } = await follow();
  await feed.loaded;
  expect(
    [second(0) - 1, second(0), second(20) - 1, second(20), second(90)].map((at) => holder(feed, at)),
  ).toEqual([null, 'clickwise', 'clickwise', 'homeleads', 'homeleads']);
});

test('a holding that is closed and one that is paused take the place of what was known of them', async () => {
  const { records, follow } = await stage();
  const id = await hold(records);
  const { feed, heard } = await follow();
  await feed.loaded;
  await records.db.updateTable('holdings').set({ paused: true }).where('id', '=', id).execute();
  await heard('holdings_changed');
  expect(feed.held(number, second(10))?.paused).toBe(true);
  const until = new Date(second(30));
  await records.db.updateTable('holdings').set({ held_until: until }).where('id', '=', id).execute();
  await heard('holdings_changed', 2);
  expect(holder(feed, second(30) - 1)).toBe('clickwise');
  expect(holder(feed, second(30))).toBeNull();
});

test('a connection that is cut: the feed says so, routes on, and makes good for what it missed', async () => {
  const { records, file } = await stage();
  await hold(records);
  const way = await wayTo(records.url);
  const { feed, heard } = await follow(way.url, file);
  await feed.loaded;
  way.cut();
  await heard('holdings_feed_lost');
  expect(feed.stats().connected).toBe(false);
  await hold(records, { number: '+18005550152' });
  expect(holder(feed, second(10))).toBe('clickwise');
  expect(holder(feed, second(10), '+18005550152')).toBeNull();
  way.mend();
  await heard('holdings_feed_connected', 2);
  expect(holder(feed, second(10), '+18005550152')).toBe('clickwise');
  expect(feed.stats()).toMatchObject({ connected: true, lagSeconds: 0 });
});

test('a change of which nobody told is found by the poll', async () => {
  const { records, follow } = await stage();
  const { feed, heard } = await follow({ pollMs: 20 });
  await feed.loaded;
  await sql`alter table holdings disable trigger holdings_told`.execute(records.db);
  await hold(records);
  await heard('holdings_changed');
  expect(holder(feed, second(10))).toBe('clickwise');
});

test('started while the database is away it routes by its file, and by the database once that is back', async () => {
  const { records, file } = await stage();
  const id = await hold(records);
  const first = await follow(records.url, file);
  await first.feed.loaded;
  await first.feed.stop();
  await records.db
    .updateTable('holdings')
    .set({ held_until: new Date(second(5)) })
    .where('id', '=', id)
    .execute();

  const way = await wayTo(records.url);
  way.cut();
  const { feed, heard } = await follow(way.url, file);
  await heard('holdings_feed_lost');
  expect(holder(feed, second(10))).toBe('clickwise');
  expect(feed.stats().connected).toBe(false);
  way.mend();
  await feed.loaded;
  expect(holder(feed, second(10))).toBeNull();
});

test('a file that is broken is told and done without', async () => {
  const { records, file, follow } = await stage();
  await hold(records);
  await writeFile(file, '{ "format": 1, "holdings": [');
  const { feed, events } = await follow();
  await feed.loaded;
  expect(events).toContain('holdings_file_unreadable');
  expect(holder(feed, second(10))).toBe('clickwise');
  await feed.stop();
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ holdings: [{ number }] });
});

test.each([
  ['is one restored to an earlier time', true],
  ['has lost commits in a failover, its versions far ahead all the same', false],
])('a database that %s is read anew: what it does not have is held by nobody', async (_, isRestarted) => {
  const { records, file } = await stage();
  await hold(records);
  const way = await wayTo(records.url);
  const { feed, heard } = await follow(way.url, file);
  await feed.loaded;
  way.cut();
  await heard('holdings_feed_lost');
  await sql`alter table holdings disable trigger user`.execute(records.db);
  await sql`delete from holdings`.execute(records.db);
  await sql`alter table holdings enable trigger user`.execute(records.db);
  if (isRestarted) await sql`alter sequence holdings_version restart`.execute(records.db);
  way.mend();
  await heard('holdings_feed_connected', 2);
  expect(holder(feed, second(10))).toBeNull();
  expect(feed.stats().holdings).toBe(0);
});

test('more than come in one portion are all known, at the start and as news', async () => {
  const { records, follow } = await stage();
  const many = (from: number) =>
    sql`insert into holdings (number, pool, campaign, publisher, source, application, use, held_from)
        select '+1800' || n, 'toll-free', 'solar', 'clickwise', 'radio', 'a1', 'fixed', ${new Date(second(0))}
          from generate_series(${from}::int, ${from}::int + 2499) n`.execute(records.db);
  await many(6000000);
  const { feed, heard } = await follow();
  await feed.loaded;
  expect(feed.stats().holdings).toBe(2500);
  await many(7000000);
  await heard('holdings_changed', 3);
  expect(feed.stats().holdings).toBe(5000);
});

test('a stop waits for no database that does not answer', async () => {
  const silent = createServer();
  onTestFinished(() => void silent.close());
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  const connected = once(silent, 'connection');
  silent.on('connection', (socket: Socket) => {
    sockets.push(socket);
    // It reads nothing, so that it does not hear of the end either.
    socket.pause();
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const { file } = await stage();
  const { feed } = await follow(`postgres://nobody@127.0.0.1:${port}/none`, file);
  await connected;
  // Left alone, the try to connect is given up after 5 s.
  const late = pause(4_500, 'late', { ref: false });
  expect(await Promise.race([feed.stop().then(() => 'stopped'), late])).toBe('stopped');
});

describe('numbers lent to visits', () => {
  const lend = ({ db }: Records, visit: string, from: number, until: number) =>
    db
      .insertInto('visits')
      .values({
        ...{ id: visit, publisher: 'clickwise', campaign: 'solar', source: 'radio', number },
        tags: JSON.stringify({ utm_campaign: visit }),
        ...{ lent_from: new Date(from), lent_until: new Date(until) },
      })
      .execute();
  const campaignAt = (feed: HoldingsFeed, at: number) =>
    feed.held(number, at)?.tags?.['utm_campaign'] ?? null;

  test('carry the tags of the visit for as long as they are lent to it', async () => {
    const { records, follow } = await stage();
    await hold(records, { use: 'visitors' });
    await lend(records, 'spring', second(1), second(5));
    await lend(records, 'summer', second(5), second(9));
    const { feed } = await follow();
    await feed.loaded;
    expect([0, 1, 4.999, 5, 8.999, 9].map((at) => campaignAt(feed, second(at)))).toEqual([
      null,
      'spring',
      'spring',
      'summer',
      'summer',
      null,
    ]);
  });

  test('tell nothing once the number is another’s, or no longer a visitors’ one', async () => {
    const { records, follow } = await stage();
    await hold(records, { use: 'visitors', until: second(3) });
    await lend(records, 'spring', second(1), second(9));
    await hold(records, { use: 'visitors', from: second(3), until: second(5), publisher: 'homeleads' });
    await hold(records, { use: 'fixed', from: second(5) });
    const { feed } = await follow();
    await feed.loaded;
    expect([2, 4, 6].map((at) => campaignAt(feed, second(at)))).toEqual(['spring', null, null]);
  });
});

test('many changes at once by many writers: every one is known in the end', async () => {
  const { records, follow } = await stage();
  const { feed, heard } = await follow();
  await feed.loaded;
  const numbers = Array.from({ length: 60 }, (_, n) => `+1800555${String(2000 + n)}`);
  await Promise.all(numbers.map((one) => hold(records, { number: one })));
  // Behind all of them in the turn, so that to know it is to have been told of all.
  await hold(records, { number: '+18005559999' });
  await told(records);
  while (holder(feed, second(10), '+18005559999') === null)
    await heard('holdings_changed', 1).then(() => tick());
  expect(numbers.filter((one) => holder(feed, second(10), one) === null)).toEqual([]);
});

const tick = () => new Promise((resolve) => setImmediate(resolve));

async function wayTo(url: string) {
  const way = await openWay(url);
  onTestFinished(() => way.close());
  return way;
}
