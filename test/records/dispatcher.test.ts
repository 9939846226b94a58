/** Deliveries from a real outbox to real web servers, well and ill behaved. */
import { createHmac } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Records } from '../../src/records/open-records.ts';
import { claim } from '../../src/records/outbox/claim.ts';
import { listDead, listEndpoints } from '../../src/records/outbox/list-deliveries.ts';
import { outboxOf } from '../../src/records/outbox/outbox.ts';
import { retryDead } from '../../src/records/outbox/retry.ts';
import { sweep } from '../../src/records/outbox/sweep.ts';
import {
  startDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  type Outcome,
} from '../../src/webhooks/dispatcher.ts';
import { startReceiver, type Heard, type Receiver } from './support/receiver.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString('base64')}`;

let database: TestDatabase;
let records: Records;
let receiver: Receiver;
const outcomes: Outcome[] = [];
const dispatchers: Dispatcher[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  records = await database.fresh();
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const dispatcher of dispatchers.splice(0)) await dispatcher.stop();
  for (const server of servers.splice(0)) server.close();
  await receiver.stop();
  outcomes.length = 0;
});

function dispatch(
  endpoints: Readonly<Record<string, string>>,
  given: Partial<DispatcherOptions> = {},
): Dispatcher {
  const dispatcher = startDispatcher({
    ...{ outbox: outboxOf(records.db), every: 20 },
    onOutcome: (outcome) => outcomes.push(outcome),
    onUnreachable: () => undefined,
    ...given,
  });
  dispatchers.push(dispatcher);
  dispatcher.use(Object.entries(endpoints).map(([id, url]) => ({ id, url, secret })));
  return dispatcher;
}

/** However busy the machine is. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

let made = 0;

async function write(endpoint: string, count = 1, given: Record<string, unknown> = {}): Promise<string[]> {
  const rows = Array.from({ length: count }, () => {
    const id = `evt_${(made += 1)}`;
    const body = JSON.stringify({ type: 'call.ended', data: { call: `call-${made}`, said: 'grüß Gott' } });
    return { id, endpoint, owner: 'network', event: 'call.ended', call_id: `call-${made}`, body, ...given };
  });
  await records.db.insertInto('webhook_deliveries').values(rows).execute();
  return rows.map(({ id }) => id);
}

const rows = () => records.db.selectFrom('webhook_deliveries').selectAll().orderBy('seq').execute();
const states = async () => (await rows()).map(({ state }) => state);
const row = async (id: string) => (await rows()).find((one) => one.id === id)!;

const isSigned = ({ headers, body, id }: Heard): boolean => {
  const signed = `${id}.${String(headers['webhook-timestamp'])}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
};

describe('a delivery', () => {
  it('is signed, made once, and let go of but for its id', async () => {
    const ids = await write('ep', 20);
    const before = new Map((await rows()).map(({ id, body }) => [id, body]));
    dispatch({ ep: receiver.url });
    await receiver.count(20);
    await eventually(states).toEqual(Array(20).fill('delivered'));
    expect(receiver.heard.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const heard of receiver.heard) {
      expect(isSigned(heard)).toBe(true);
      expect(heard.body).toBe(before.get(heard.id));
      expect(heard.headers['content-type']).toBe('application/json');
      expect(Math.abs(Number(heard.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
    }
    expect((await rows()).every(({ body, done_at }) => body === null && done_at !== null)).toBe(true);
    expect(outcomes.map(({ result }) => result)).toEqual(Array(20).fill('delivered'));
  });

  it('that fails is made again later, under the same id and with the same body', async () => {
    const [id] = await write('ep');
    receiver.answer = (response) => response.writeHead(500).end();
    dispatch({ ep: receiver.url }, { dice: () => 0.5 });
    await eventually(() => outcomes.length).toBe(1);
    const failed = await row(id!);
    expect(failed).toMatchObject({ state: 'waiting', attempts: 1, error: 'status 500' });
    expect((failed.due_at.getTime() - Date.now()) / 1000).toBeGreaterThan(0);
    receiver.answer = (response) => response.writeHead(200).end('thanks');
    await records.db.updateTable('webhook_deliveries').set({ due_at: new Date() }).execute();
    await receiver.count(2);
    await eventually(states).toEqual(['delivered']);
    expect(receiver.heard[1]!.id).toBe(id);
    expect(receiver.heard[1]!.body).toBe(receiver.heard[0]!.body);
    expect(receiver.heard.every(isSigned)).toBe(true);
  });

  it('is dead after the last of its attempts, listed, and made after all where it is asked for', async () => {
    const [id] = await write('ep', 1, { attempts: 10 });
    receiver.answer = (response) => response.writeHead(503).end();
    dispatch({ ep: receiver.url });
    await eventually(states).toEqual(['dead']);
    await eventually(() => outcomes.at(-1)).toMatchObject({ result: 'dead', attempts: 11 });
    expect(await listDead(records.db, 10)).toMatchObject([{ id, error: 'status 503', attempts: 11 }]);
    receiver.answer = (response) => response.writeHead(200).end();
    expect(await retryDead(records.db, 'evt_nobody')).toMatchObject({ ok: false, reason: 'unknown' });
    expect(await retryDead(records.db, id!)).toEqual({ ok: true, retried: 1 });
    await eventually(states).toEqual(['delivered']);
    expect(await retryDead(records.db, id!)).toMatchObject({ ok: false, reason: 'not_dead' });
  });

  it('is given up where its next attempt would come too late', async () => {
    await write('ep', 1, { give_up_at: new Date(Date.now() + 1000) });
    receiver.answer = (response) => response.writeHead(500).end();
    dispatch({ ep: receiver.url });
    await eventually(states).toEqual(['dead']);
  });

  it('goes to none but the endpoint that the config names', async () => {
    await write('somebody-else');
    await write('ep');
    const dispatcher = dispatch({ ep: receiver.url });
    await eventually(states).toEqual(['waiting', 'delivered']);
    dispatcher.use([]);
    await write('ep');
    await write('ep-2');
    dispatcher.use([{ id: 'ep-2', url: receiver.url, secret }]);
    await eventually(states).toEqual(['waiting', 'delivered', 'waiting', 'delivered']);
  });
});

describe('an endpoint', () => {
  it('that says 410 is told nothing more, until it is retried', async () => {
    await write('ep', 30);
    receiver.answer = (response) => response.writeHead(410).end();
    dispatch({ ep: receiver.url });
    await eventually(states).toEqual(Array(30).fill('dead'));
    expect(receiver.heard.length).toBeLessThanOrEqual(4);
    expect((await listEndpoints(records.db))[0]).toMatchObject({ endpoint: 'ep', dead: 30 });
    expect((await listEndpoints(records.db))[0]!.gone_at).not.toBeNull();
    receiver.answer = (response) => response.writeHead(200).end();
    expect(await retryDead(records.db, null)).toEqual({ ok: true, retried: 30 });
    await eventually(states).toEqual(Array(30).fill('delivered'));
    expect((await listEndpoints(records.db))[0]!.gone_at).toBeNull();
  });

  it('whose 410 comes late buries nothing that was retried since', async () => {
    await write('ep', 2);
    const outbox = outboxOf(records.db);
    const [first, late] = await outbox.claim([{ endpoint: 'ep', slots: 2 }], 60_000);
    await outbox.finish(first!, { kind: 'gone', error: 'status 410' });
    expect(await states()).toEqual(['dead', 'dead']);
    await retryDead(records.db, null);
    expect(await outbox.finish(late!, { kind: 'gone', error: 'status 410' })).toBeNull();
    expect(await states()).toEqual(['waiting', 'waiting']);
  });

  it('that never answers keeps no other waiting', async () => {
    await write('slow', 50);
    await write('well', 50);
    const slow = await startReceiver();
    slow.answer = () => undefined;
    const dispatcher = dispatch({ slow: slow.url, well: receiver.url }, { timeout: 60_000 });
    await receiver.count(50);
    await slow.count(4);
    expect(slow.heard.length).toBe(4);
    await slow.stop();
    await eventually(() => outcomes.filter(({ endpoint }) => endpoint === 'slow').length).toBe(4);
    expect(outcomes.find(({ endpoint }) => endpoint === 'slow')!.error).toBe('ECONNRESET');
    await dispatcher.stop();
    expect((await rows()).filter(({ state }) => state === 'delivered').length).toBe(50);
  });

  it.each<[string, string, (receiver: Receiver) => void]>([
    [
      'redirects, to wherever',
      'status 302',
      (one) => (one.answer = (response) => response.writeHead(302, { location: one.url }).end()),
    ],
    [
      'answers 400',
      'status 400',
      (one) => (one.answer = (response) => response.writeHead(400).end('{"no":true}')),
    ],
    ['drops the connection', 'ECONNRESET', (one) => (one.answer = (response) => response.destroy())],
    ['does not answer in time', 'timeout', (one) => (one.answer = () => undefined)],
    [
      'sends headers without end',
      'HPE_HEADER_OVERFLOW',
      (one) => (one.answer = (response) => response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end()),
    ],
    [
      'switches protocols',
      'no response',
      (one) =>
        (one.answer = (response) =>
          response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end()),
    ],
  ])('that %s is tried again: %s', async (_how, error, misbehave) => {
    const [id] = await write('ep');
    misbehave(receiver);
    dispatch({ ep: receiver.url }, { timeout: 1000 });
    await eventually(() => outcomes).toMatchObject([{ result: 'failed', error, attempts: 1 }]);
    expect(await row(id!)).toMatchObject({ state: 'waiting', error });
    expect(receiver.heard.length).toBe(1);
  });

  it('that speaks no HTTP, or is not there, is tried again', async () => {
    const mute = createServer((socket) => socket.end('220 mail.example.com ESMTP\r\n'));
    servers.push(mute);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    await write('mute');
    await write('closed');
    const closed = await startReceiver();
    await closed.stop();
    dispatch({ mute: `http://127.0.0.1:${port}/`, closed: closed.url });
    await eventually(() => outcomes.length).toBe(2);
    expect(outcomes.map(({ error }) => error).toSorted()).toEqual(['ECONNREFUSED', 'HPE_INVALID_CONSTANT']);
  });

  it('that answers 200 and then talks without end has heard it; its connection is let go of', async () => {
    await write('ep');
    let isLetGo = false;
    receiver.answer = (response) => {
      response.writeHead(200);
      const talk = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => {
        clearInterval(talk);
        isLetGo = true;
      });
    };
    dispatch({ ep: receiver.url });
    await eventually(states).toEqual(['delivered']);
    await eventually(() => isLetGo).toBe(true);
  });

  it('that lets its connections go between messages misses none', async () => {
    const ids = await write('ep');
    receiver.answer = (response) => {
      response.writeHead(204).end();
      response.socket?.end();
    };
    dispatch({ ep: receiver.url });
    await receiver.count(1);
    for (let more = 0; more < 5; more++) {
      ids.push(...(await write('ep')));
      await receiver.count(ids.length);
    }
    await eventually(states).toEqual(Array(6).fill('delivered'));
    expect(outcomes.every(({ attempts }) => attempts === 1)).toBe(true);
  });
});

describe('several switches on one database', () => {
  it('send each message once', async () => {
    const ids = await write('ep', 200);
    for (let one = 0; one < 3; one++) dispatch({ ep: receiver.url });
    await eventually(states).toEqual(Array(200).fill('delivered'));
    expect(receiver.heard.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });

  it('send what one had taken that was killed, once its time is over', async () => {
    const [id] = await write('ep');
    const [claimed] = await claim(records.db, [{ endpoint: 'ep', slots: 4 }], 60_000);
    expect(claimed).toMatchObject({ id, attempts: 1 });
    dispatch({ ep: receiver.url });
    const second = await write('ep');
    await receiver.count(1);
    expect(receiver.heard[0]!.id).toBe(second[0]);
    await sql`update webhook_deliveries set due_at = now() where id = ${id}`.execute(records.db);
    await receiver.count(2);
    await eventually(states).toEqual(['delivered', 'delivered']);
    // What the killed one would have said of it comes too late to count.
    const late = { kind: 'failed', error: 'late', againInMs: 1000 } as const;
    expect(await outboxOf(records.db).finish(claimed!, late)).toBeNull();
    expect(await states()).toEqual(['delivered', 'delivered']);
  });
});

describe('stopping', () => {
  it('delivers what is due, then closes its connections', async () => {
    await write('ep', 40);
    const dispatcher = dispatch({ ep: receiver.url }, { every: 60_000 });
    await dispatcher.stop();
    expect(await states()).toEqual(Array(40).fill('delivered'));
  });

  it('gives back what is under way, as if it had not been tried', async () => {
    await write('ep', 2);
    receiver.answer = () => undefined;
    const dispatcher = dispatch({ ep: receiver.url }, { timeout: 60_000 });
    await receiver.count(2);
    await dispatcher.stop();
    expect((await rows()).map(({ state, attempts }) => ({ state, attempts }))).toEqual(
      Array(2).fill({ state: 'waiting', attempts: 0 }),
    );
    expect(outcomes).toEqual([]);
  });
});

it('waits for a database that is away, tells so once, and goes on', async () => {
  let isAway = true;
  const told: unknown[] = [];
  const outbox = outboxOf(records.db);
  const dispatcher = dispatch(
    { ep: receiver.url },
    {
      outbox: {
        ...outbox,
        claim: (free, lease) =>
          isAway ? Promise.reject(new Error('connection refused')) : outbox.claim(free, lease),
        sweep: () => (isAway ? Promise.reject(new Error('connection refused')) : outbox.sweep()),
        figures: () => (isAway ? Promise.reject(new Error('connection refused')) : outbox.figures()),
      },
      onUnreachable: (error) => told.push(error),
    },
  );
  await write('ep');
  await eventually(() => told.length).toBe(1);
  expect(dispatcher.figures()).toBeNull();
  isAway = false;
  await receiver.count(1);
  await eventually(states).toEqual(['delivered']);
  expect(told.length).toBe(1);
});

it('counts what waits, for how long, and what is dead', async () => {
  await write('nobody', 3, { created_at: new Date(Date.now() - 100_000) });
  await write('nobody', 2, { state: 'dead', done_at: new Date() });
  const figures = await outboxOf(records.db).figures();
  expect(figures).toMatchObject({ waiting: 3, dead: 2 });
  expect(figures.oldestSeconds).toBeGreaterThanOrEqual(100);
});

it('sweeps: gives up what nobody delivers, forgets what is long over', async () => {
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
  const [late] = await write('nobody', 1, { give_up_at: ago(1) });
  const [waiting] = await write('nobody');
  await write('ep', 1, { state: 'delivered', body: null, done_at: ago(8.1) });
  const [fresh] = await write('ep', 1, { state: 'delivered', body: null, done_at: ago(7.5) });
  await write('ep', 1, { state: 'dead', done_at: ago(31) });
  const [dead] = await write('ep', 1, { state: 'dead', done_at: ago(29) });
  await sql`insert into webhook_calls (call_id, offered, noted_at) values
    ('old', '{}', ${ago(9)}), ('new', '{}', ${ago(1)})`.execute(records.db);
  expect(await sweep(records.db)).toBe(1);
  expect((await rows()).map(({ id, state }) => [id, state])).toEqual([
    [late, 'dead'],
    [waiting, 'waiting'],
    [fresh, 'delivered'],
    [dead, 'dead'],
  ]);
  expect(await records.db.selectFrom('webhook_calls').select('call_id').execute()).toEqual([
    { call_id: 'new' },
  ]);
});
