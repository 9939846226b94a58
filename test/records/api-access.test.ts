/** Who may ask the API for what: every role against every route, over real HTTP and a real database. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { fastify } from 'fastify';
import { apiRoutes } from '../../src/http/api-routes.ts';
import { listen } from '../../src/http/server.ts';
import { apiRecords } from '../../src/records/api/api-records.ts';
import { addToken, listTokens, revokeToken, rotateToken } from '../../src/records/api/tokens.ts';
import type { Records } from '../../src/records/open-records.ts';
import { httpOptions } from '../support/http-options.ts';
import { aCall } from './support/a-call.ts';
import { ledgerStage } from './support/ledger-stage.ts';
import { publishingStage, type PublishingStage } from './support/publishing-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const adminToken = 'the-networks-own-token';
const buyerToken = 'helio-0123456789abcdef';

let database: TestDatabase;
let db: Records['db'];
let publishing: PublishingStage;
let url: string;
let close: () => Promise<void>;
/** By role. */
let tokens: Readonly<Record<Role, string | null>>;
let mine: { application: string; number: string; call: string; dispute: string; statement: string };
type Role = 'none' | 'admin' | 'own' | 'other' | 'buyer';

beforeAll(async () => {
  database = await startTestDatabase();
  ({ db } = await database.fresh());
  const ledger = await ledgerStage(db);
  publishing = publishingStage(db);
  const { id: application, number, publisher } = await publishing.approved();
  await publishing.addPublisher({ id: 'stranger', name: 'Stranger' });
  const call = aCall({ table: 'table-c', buyer: 'helio', publisher, campaign: 'solar' });
  await ledger.load(call, ...Array.from({ length: 4 }, () => aCall({ table: 'table-c', buyer: 'helio' })));
  const disputed = await ledger.openDispute({
    ...{ call: call.call, reason: 'wrong', by: { name: 'buyer:helio', buyer: 'helio' } },
  });
  const statement = 'publisher-own-2026-02-USD';
  await db
    .insertInto('statements')
    .values({
      ...{
        id: statement,
        account: 'payable',
        party: publisher,
        currency: 'USD',
        month: '2026-02',
        total: 0n,
      },
      ...{ period_from: new Date('2026-02-01'), period_to: new Date('2026-03-01'), closed_by: 'mara' },
    })
    .execute();
  mine = { application, number, call: call.call, dispute: disputed.ok ? disputed.dispute : '', statement };
  owner = publisher;
  const tokenOf = async (name: string) => {
    const holder = { role: 'publisher', publisher: name } as const;
    return (await addToken(db, { holder, label: name, expiresAt: null, now: new Date() })).token;
  };
  tokens = {
    ...{ none: null, admin: adminToken, buyer: buyerToken },
    ...{ own: await tokenOf(publisher), other: await tokenOf('stranger') },
  };
  const listening = await listen(
    httpOptions({
      publishers: publishing,
      records: apiRecords(db),
      afterTheCall: ledger,
      tokens: () => configured,
      liveCalls: () => [live(publisher), live('stranger')],
      world: () => ({ at: 0, table: 'x', subjects: {}, buyers: {}, trunks: {} }),
      reload: () => Promise.resolve({ ok: false, config: '/nowhere.yaml', problems: [] }),
      today: () =>
        Promise.resolve({ timezone: 'UTC', since: '2026-03-01T00:00:00.000Z', hours: [], totals: [] }),
      lend: () => Promise.resolve({ ok: false, reason: 'unknown_key', message: 'no such key' }),
    }),
  );
  if (!listening.ok) throw new Error(listening.problem);
  ({ url, close } = listening);
});
let owner: string;
const configured = { network: adminToken, buyers: new Map([['helio', buyerToken]]) };
afterAll(async () => {
  await close();
  await database.stop();
});

const live = (publisher: string) => ({
  ...{ id: `live-${publisher}`, from: '+12145550199', to: '+18005550100', campaign: 'solar', publisher },
  ...{ source: null, state: 'connected' as const, buyer: 'helio', since: '2026-03-01T12:00:00.000Z' },
  connected_since: '2026-03-01T12:00:05.000Z',
});

interface Asked {
  readonly token?: string | null;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(method: string, path: string, { token = adminToken, json, headers = {} }: Asked = {}) {
  const aborted = new AbortController();
  const response = await fetch(`${url}/api/v1${path}`, {
    ...{ method, signal: aborted.signal },
    headers: {
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: typeof json === 'string' ? json : JSON.stringify(json) }),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = isStream ? '' : await response.text();
  if (isStream) aborted.abort();
  const body: Record<string, unknown> = /^[[{]/.test(text) ? JSON.parse(text) : { text };
  return { status: response.status, headers: response.headers, body };
}

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: unknown;
}
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<
    Record<string, { content?: Readonly<Record<string, { schema: JsonSchema }>> }>
  >;
}

const described = async () =>
  (await ask('GET', '/openapi.json', { token: null })).body as unknown as Described;

/** Statuses of: none, admin, the publisher whose it is, another, a buyer. */
type Row = readonly [none: number, admin: number, own: number, other: number, buyer: number];
const network: Row = [401, 200, 404, 404, 403];
const networkTakes: Row = [401, 400, 404, 404, 403];
const networkMisses: Row = [401, 404, 404, 404, 403];
const shared: Row = [401, 200, 200, 200, 403];
const ofOne: Row = [401, 200, 200, 404, 403];

/** Requests without a body are refused for it (400) by those who may ask; nothing of what stands here is changed by them. */
const table: Readonly<Record<string, Row>> = {
  'GET /openapi.json': [200, 200, 200, 200, 200],
  'POST /session': [400, 400, 400, 400, 400],
  'GET /session': [401, 200, 200, 200, 200],
  'DELETE /session': [204, 204, 204, 204, 204],
  'GET /events': shared,
  'GET /calls/live': shared,
  'POST /reload': [401, 422, 404, 404, 403],
  'GET /world': network,
  'GET /buyers': network,
  'GET /today': network,
  'GET /calls': shared,
  'GET /calls/{id}': ofOne,
  'GET /calls/{id}/trace': networkMisses,
  'GET /publishers': network,
  'POST /publishers': networkTakes,
  'GET /publishers/{id}': ofOne,
  'POST /publishers/{id}/end': [401, 409, 404, 404, 403],
  'GET /applications': shared,
  'POST /applications': [401, 400, 400, 400, 403],
  'GET /applications/{id}': ofOne,
  'POST /applications/{id}/approve': [401, 409, 404, 404, 403],
  'POST /applications/{id}/refuse': [401, 422, 404, 404, 403],
  'POST /applications/{id}/withdraw': [401, 409, 409, 404, 403],
  'POST /applications/{id}/pause': [401, 200, 404, 404, 403],
  'POST /applications/{id}/resume': [401, 200, 404, 404, 403],
  'POST /applications/{id}/end': networkMisses,
  'POST /applications/{id}/numbers': networkTakes,
  'GET /numbers': shared,
  'GET /numbers/{number}': ofOne,
  'POST /numbers/{number}/release': networkMisses,
  'POST /numbers/import': networkTakes,
  'GET /campaigns': shared,
  'GET /campaigns/{id}': shared,
  'OPTIONS /visits': [204, 204, 204, 204, 204],
  'POST /visits': [400, 400, 400, 400, 400],
  'GET /report': shared,
  'GET /payouts': network,
  'GET /earnings': shared,
  'GET /statements': shared,
  'GET /statements/{id}': ofOne,
  'POST /calls/{id}/conversions': [401, 400, 404, 404, 400],
  'POST /calls/{id}/disputes': [401, 400, 404, 404, 400],
  'GET /disputes': [401, 200, 404, 404, 200],
  'POST /disputes/{id}/decision': networkTakes,
  'POST /adjustments': networkTakes,
};

interface TakenIn {
  /** `GET /calls/{id}` */
  readonly name: string;
  /** Whether its query takes a cursor. */
  readonly isPaged: boolean;
}

/** As fastify has them, so that none can be forgotten. HEAD goes with GET. */
async function routesOfTheServer(): Promise<readonly TakenIn[]> {
  const server = fastify();
  const routes: TakenIn[] = [];
  server.addHook('onRoute', ({ method, url: at, schema }) => {
    for (const one of [method].flat()) {
      const name = `${one} ${at.replace('/api/v1', '').replace(/:(\w+)/g, '{$1}')}`;
      const { querystring } = schema ?? {};
      const isPaged = querystring instanceof z.ZodObject && 'cursor' in querystring.shape;
      if (one !== 'HEAD') routes.push({ name, isPaged });
    }
  });
  await server.register(apiRoutes(httpOptions()), { prefix: '/api/v1' });
  await server.ready();
  await server.close();
  return routes;
}

/** What a route is asked about, where not about what is the publisher's own. */
function filled(route: string): string {
  const [method = '', path = ''] = route.split(' ');
  const ids: Readonly<Record<string, string>> = {
    ...{ calls: mine.call, publishers: owner, applications: mine.application, statements: mine.statement },
    ...{ disputes: mine.dispute, campaigns: 'solar' },
  };
  const section = path.split('/')[1] ?? '';
  // What is the network's alone is tried on what is not there, or cannot be ended.
  const id = route.endsWith('/applications/{id}/end')
    ? 'none'
    : route.endsWith('/publishers/{id}/end')
      ? 'clickwise'
      : ids[section];
  const number = method === 'GET' ? encodeURIComponent(mine.number) : '%2B19995550000';
  const query = { '/world': '?campaign=solar', '/report': '?by=day' }[path] ?? '';
  return path.replace('{id}', id ?? '').replace('{number}', number) + query;
}

describe('every role against every route', () => {
  it('has a line for each route that fastify was told of', async () => {
    const routes = (await routesOfTheServer()).map(({ name }) => name);
    expect(routes.sort()).toEqual(Object.keys(table).sort());
  });

  it('describes each of them', async () => {
    const { paths } = await described();
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
    );
    const hidden = ['GET /openapi.json', 'OPTIONS /visits'];
    expect([...routes, ...hidden].sort()).toEqual(Object.keys(table).sort());
  });

  const roles: readonly Role[] = ['none', 'admin', 'own', 'other', 'buyer'];
  test.each(Object.entries(table))('%s', async (route, expected) => {
    const [method = ''] = route.split(' ');
    const statuses: number[] = [];
    for (const role of roles) {
      const { status, body } = await ask(method, filled(route), { token: tokens[role] });
      statuses.push(status);
      if (status >= 400 && route !== 'POST /reload')
        expect(body).toMatchObject({ status, reason: expect.any(String) });
    }
    expect(statuses).toEqual(expected);
  });
});

describe('a publisher', () => {
  it('sees of its calls neither caller nor buyer nor money of others', async () => {
    const { body } = await ask('GET', '/calls', { token: tokens.own });
    const [call, ...more] = body['items'] as Record<string, unknown>[];
    expect(more).toEqual([]);
    expect(call!['from']).toBe('+1214***');
    expect(JSON.stringify(body)).not.toMatch(/helio|revenue"|margin|attributes|plan/);
    expect((await ask('GET', '/calls', { token: tokens.other })).body).toEqual({ items: [], next: null });
    const { body: living } = await ask('GET', '/calls/live', { token: tokens.own });
    expect(living).toMatchObject([{ id: `live-${owner}`, from: '+1214***' }]);
    expect(JSON.stringify(living)).not.toContain('helio');
  });

  it.each(['/calls', '/applications', '/numbers', '/statements', '/earnings', '/report?by=day'])(
    'asks in vain for another’s %s',
    async (path) => {
      const asked = `${path}${path.includes('?') ? '&' : '?'}publisher=${owner}`;
      expect(await ask('GET', asked, { token: tokens.other })).toMatchObject({
        status: 404,
        body: { reason: 'unknown_publisher' },
      });
      expect((await ask('GET', asked, { token: tokens.own })).status).toBe(200);
    },
  );

  it('learns no buyer and no revenue from a report', async () => {
    const { body } = await ask('GET', '/report?by=day,campaign', { token: tokens.own });
    expect(body).toMatchObject({ rows: [{ campaign: 'solar', calls: 1 }], totals: [{ calls: 1 }] });
    expect(JSON.stringify(body)).not.toMatch(/revenue|margin/);
    for (const query of ['by=buyer', 'by=day&buyer=helio'])
      expect((await ask('GET', `/report?${query}`, { token: tokens.own })).status).toBe(400);
  });

  it('applies for itself, and for nobody else', async () => {
    const json = { campaign: 'windows', source: 'radio' };
    expect(await ask('POST', '/applications', { token: tokens.other, json })).toMatchObject({
      status: 201,
      body: { publisher: 'stranger', campaign: 'windows', source: 'radio', state: 'applied' },
    });
    const forAnother = { ...json, publisher: owner };
    expect((await ask('POST', '/applications', { token: tokens.other, json: forAnother })).status).toBe(404);
  });
});

describe('the description', () => {
  it('is OpenAPI 3.1: names are found, schemas are schemas, parameters are told', async () => {
    const document = await described();
    expect(document.openapi).toBe('3.1.0');
    const ids: string[] = [];
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const operation of Object.values(operations)) {
        ids.push(operation.operationId ?? `none of ${path}`);
        expect(operation.summary, path).toEqual(expect.any(String));
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const told = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
        expect(told, path).toEqual(named);
        const schemas = [
          ...(operation.parameters ?? []).map(({ schema }) => schema),
          ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
          ...Object.values(operation.responses).flatMap(({ content = {} }) =>
            Object.values(content).map(({ schema }) => schema),
          ),
        ];
        for (const schema of schemas) z.fromJSONSchema(schema);
        expect(operation.responses).toHaveProperty('default');
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(JSON.stringify(document)).not.toContain('undefined');
  });

  it('holds of what is answered, to the network and to a publisher', async () => {
    const document = await described();
    const reads = Object.keys(table).filter(
      (route) => route.startsWith('GET') && !['GET /events', 'GET /openapi.json'].includes(route),
    );
    for (const route of reads) {
      const operation = document.paths[`/api/v1${route.slice(4)}`]!['get']!;
      const schema = z.fromJSONSchema(operation.responses['200']!.content!['application/json']!.schema);
      for (const role of ['admin', 'own'] as const) {
        const { status, body } = await ask('GET', filled(route), { token: tokens[role] });
        if (status === 200) expect(schema.safeParse(body).error, route).toBeUndefined();
      }
    }
  });
});

describe('lists', () => {
  it('are told a page at a time, each call once, in the same order', async () => {
    const all = (await ask('GET', '/calls')).body['items'] as { id: string }[];
    expect(all).toHaveLength(5);
    const ids: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const { body } = await ask('GET', `/calls?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      const page = body as unknown as { items: { id: string }[]; next: string | null };
      ids.push(...page.items.map(({ id }) => id));
      ({ next } = page);
    }
    expect(ids).toEqual(all.map(({ id }) => id));
  });

  it('refuse each cursor that they never told', async () => {
    const paged = (await routesOfTheServer()).filter(({ isPaged }) => isPaged).map(({ name }) => name);
    expect(paged.sort()).toEqual([
      ...['GET /applications', 'GET /calls', 'GET /campaigns', 'GET /numbers', 'GET /publishers'],
      'GET /statements',
    ]);
    const written = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
    const made = [
      ...['nonsense', '%00', '', 'null', '+18005550100', '2026-03-01T12:00:00.000Z_x'],
      ...[null, 7, {}, [], ['x'], 'a\0b', '\0', ['2026-03-01T12:00:00.000Z', '\0']].map(written),
      ...[['2026-99-01T12:00:00.000Z', 'x']].map(written),
    ];
    for (const route of paged)
      for (const cursor of made)
        expect(await ask('GET', `${filled(route)}?cursor=${cursor}`), `${route} ${cursor}`).toMatchObject({
          status: 422,
          body: { reason: 'bad_cursor' },
        });
    const noSuchDay = written('2026-99-01T12:00:00.000Z_x');
    expect((await ask('GET', `/applications?cursor=${noSuchDay}`)).status).toBe(422);
  });

  it.each(['/applications', '/publishers', '/numbers', '/campaigns'])(
    'go on with %s where they were left, and tell each once',
    async (path) => {
      const nameOf = (one: Record<string, unknown>) => one['id'] ?? one['number'];
      const all = (await ask('GET', `${path}?limit=200`)).body['items'] as Record<string, unknown>[];
      const found: unknown[] = [];
      let next: unknown = '';
      while (next !== null) {
        const { body }: Awaited<ReturnType<typeof ask>> = await ask(
          'GET',
          `${path}?limit=1${typeof next === 'string' && next !== '' ? `&cursor=${next}` : ''}`,
        );
        found.push(...(body['items'] as Record<string, unknown>[]).map(nameOf));
        next = body['next'];
      }
      expect(found.length).toBeGreaterThan(1);
      expect(found).toEqual(all.map(nameOf));
    },
  );

  it('go on with /statements where they were left, newest month first', async () => {
    const of = (month: string) => ({
      ...{ id: `publisher-paged-${month}-USD`, account: 'payable' as const, party: 'paged' },
      ...{ currency: 'USD', month, total: 0n, closed_by: 'mara' },
      ...{ period_from: new Date(`${month}-01`), period_to: new Date(`${month}-28`) },
    });
    await db.insertInto('statements').values(['2025-11', '2025-12', '2026-01'].map(of)).execute();
    const found: unknown[] = [];
    for (let next: unknown = ''; next !== null;) {
      const { body }: Awaited<ReturnType<typeof ask>> = await ask(
        'GET',
        `/statements?publisher=paged&limit=1${typeof next === 'string' && next !== '' ? `&cursor=${next}` : ''}`,
      );
      found.push(...(body['items'] as { month: string }[]).map(({ month }) => month));
      next = body['next'];
    }
    expect(found).toEqual(['2026-01', '2025-12', '2025-11']);
  });

  it('refuse a filter that no text in the database can be', async () => {
    for (const path of [
      '/applications?publisher=%00',
      '/numbers?pool=%00',
      '/calls?campaign=a%00',
      '/calls/%00',
    ])
      expect((await ask('GET', path)).status, path).toBe(400);
  });

  it.each([
    ['/calls?limit=9999', 'limit is to be a number from 1 to 200'],
    ['/disputes?limit=0', 'limit is to be a number from 1 to 9999'],
    ['/calls?since=yesterday', 'since is to be a time with an offset, such as 2026-11-01T00:00:00Z'],
    ['/payouts?from=yesterday', 'a time is ISO 8601: 2026-03-01'],
    ['/statements?month=november', 'month is to be a month, such as 2026-11'],
  ])('refuse %s in words', async (path, words) => {
    const { status, body } = await ask('GET', path);
    expect(status).toBe(400);
    expect(body['detail']).toContain(words);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'colour=red'])('refuse %s', async (query) => {
    expect((await ask('GET', `/calls?${query}`)).status).toBe(400);
  });
});

describe('an idempotency key', () => {
  const keyed = (key: string, json: unknown, token = adminToken) =>
    ask('POST', '/publishers', { json, token, headers: { 'Idempotency-Key': key } });

  it('is carried out once, however often and at once it comes', async () => {
    const json = { id: 'once', name: 'Once' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => keyed('key-1', json)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(201);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    for (const { status, body } of answers)
      expect(body).toMatchObject(status === 201 ? { id: 'once', name: 'Once' } : { reason: 'in_progress' });
    const again = await keyed('key-1', json);
    expect(again).toMatchObject({ status: 201, body: { id: 'once', name: 'Once' } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await db.selectFrom('publishers').selectAll().where('id', '=', 'once').execute()).length).toBe(1);
  });

  it('is of one request', async () => {
    await keyed('key-2', { id: 'two', name: 'Two' });
    expect(await keyed('key-2', { id: 'three', name: 'Three' })).toMatchObject({
      status: 422,
      body: { reason: 'key_reused' },
    });
  });

  it('keeps a refusal, in its form', async () => {
    const json = { id: 'clickwise', name: 'Again' };
    const first = await keyed('key-3', json);
    const again = await keyed('key-3', json);
    expect(again).toMatchObject({ status: 409, body: first.body });
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
  });

  it('may be used by two askers', async () => {
    const asked = (token: string | null) =>
      ask('POST', '/applications', {
        token,
        json: { campaign: 'solar' },
        headers: { 'Idempotency-Key': 'mine' },
      });
    expect((await asked(tokens.own)).body['publisher']).toBe(owner);
    expect((await asked(tokens.other)).body['publisher']).toBe('stranger');
  });

  it('whose request failed in the middle is not carried out again: nobody knows what became of it', async () => {
    await sql`
      create function lost() returns trigger language plpgsql as
        $$ begin raise exception 'terminating connection' using errcode = '57P01'; end $$`.execute(db);
    await sql`create trigger lost before insert on publishers for each row when (new.id = 'lost')
      execute function lost()`.execute(db);
    const first = await keyed('key-5', { id: 'lost', name: 'Lost' });
    expect(first).toMatchObject({ status: 503, body: { reason: 'records_unavailable' } });
    expect(first.body['detail']).toContain('look whether it was carried out');
    await sql`drop trigger lost on publishers`.execute(db);
    const again = await keyed('key-5', { id: 'lost', name: 'Lost' });
    expect(again).toMatchObject({ status: 409, body: { reason: 'unknown_outcome' } });
  });

  it('of a switch that was killed over it is not taken by another', async () => {
    const json = { id: 'killed', name: 'Killed' };
    await keyed('key-6', json);
    await sql`update api_answers set status = 0, created_at = now() - interval '3 minutes' where key = 'key-6'`.execute(
      db,
    );
    expect(await keyed('key-6', json)).toMatchObject({ status: 409, body: { reason: 'unknown_outcome' } });
  });

  it('that never was read may come again', async () => {
    expect((await keyed('key-4', { id: 'four' })).status).toBe(400);
    expect((await keyed('key-4', { id: 'four', name: 'Four' })).status).toBe(201);
    expect((await keyed('two words', { id: 'five', name: 'Five' })).status).toBe(400);
  });
});

describe('tokens', () => {
  const holder = { role: 'admin', publisher: null } as const;
  const made = (expiresAt: Date | null = null) =>
    addToken(db, { holder, label: 'mara', expiresAt, now: new Date() });
  const status = async (token: string) => (await ask('GET', '/publishers', { token })).status;

  it('are kept as hashes, and note their use', async () => {
    const { token, view } = await made();
    expect(await status(token)).toBe(200);
    const row = await db
      .selectFrom('api_tokens')
      .selectAll()
      .where('id', '=', view.id)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(token);
    expect(row.last_used_at).not.toBeNull();
    await status(token);
    const again = await db
      .selectFrom('api_tokens')
      .selectAll()
      .where('id', '=', view.id)
      .executeTakeFirstOrThrow();
    expect(again.last_used_at).toEqual(row.last_used_at);
  });

  it('end when they are revoked or expire', async () => {
    const { token, view } = await made();
    await revokeToken(db, { id: view.id, now: new Date() });
    expect(await status(token)).toBe(401);
    expect(await status((await made(new Date(Date.now() - 1))).token)).toBe(401);
  });

  it('are rotated: both are good for the grace, then the new one alone', async () => {
    const old = await made();
    const now = new Date();
    const rotated = await rotateToken(db, { id: old.view.id, grace: 60_000, now });
    if (!rotated.ok) throw new Error(rotated.message);
    expect([await status(old.token), await status(rotated.token)]).toEqual([200, 200]);
    const later = await listTokens(db, new Date(now.getTime() + 60_000));
    expect(later.find(({ id }) => id === old.view.id)?.state).toBe('expired');
    expect(later.find(({ id }) => id === rotated.view.id)?.state).toBe('valid');
  });
});

describe('a session', () => {
  const page = { 'Sec-Fetch-Site': 'same-origin', 'X-Tollbridge': 'pages' };
  const cookieOf = (headers: Headers) => headers.get('set-cookie')?.split(';')[0] ?? '';
  const logIn = (token: string, headers = {}) =>
    ask('POST', '/session', { token: null, json: { token }, headers });

  it('is a cookie that no script reads, and ends with its token', async () => {
    const holder = { role: 'publisher', publisher: owner } as const;
    const { token, view } = await addToken(db, { holder, label: 'page', expiresAt: null, now: new Date() });
    const { status, headers, body } = await logIn(token);
    expect({ status, body }).toMatchObject({ status: 201, body: { role: 'publisher', publisher: owner } });
    expect(headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await logIn(token, { 'X-Forwarded-Proto': 'https' })).headers.get('set-cookie')).toContain(
      'Secure',
    );
    const withCookie = { token: null, headers: { Cookie: cookieOf(headers) } };
    expect((await ask('GET', '/session', withCookie)).body).toMatchObject({ publisher: owner });
    await revokeToken(db, { id: view.id, now: new Date() });
    expect((await ask('GET', '/session', withCookie)).status).toBe(401);
  });

  it('changes things from this site’s pages alone', async () => {
    const cookie = cookieOf((await logIn(adminToken)).headers);
    const post = (headers: Readonly<Record<string, string>>) =>
      ask('POST', '/publishers', { token: null, json: {}, headers: { Cookie: cookie, ...headers } });
    expect((await post({})).status).toBe(403);
    expect((await post({ 'X-Tollbridge': 'pages' })).status).toBe(403);
    expect((await post({ 'Sec-Fetch-Site': 'same-origin' })).status).toBe(403);
    expect((await post({ ...page, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await post({ 'X-Tollbridge': 'pages', Origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(page)).status).toBe(400);
    expect((await post({ 'X-Tollbridge': 'pages', Origin: url })).status).toBe(400);
  });

  it('is closed by logging out', async () => {
    const cookie = cookieOf((await logIn(adminToken)).headers);
    const asked = { token: null, headers: { Cookie: cookie, ...page } };
    expect((await ask('DELETE', '/session', asked)).status).toBe(204);
    expect((await ask('GET', '/session', asked)).status).toBe(401);
  });

  it('is not for who has no token that is known', async () => {
    expect((await logIn('nobodys')).status).toBe(401);
    expect((await logIn(buyerToken)).status).toBe(403);
  });
});

describe('a rate', () => {
  it('is held to for each token and each address, and says when to ask again', async () => {
    const limited = await listen(
      httpOptions({ rate: { token: 3, address: 8 }, tokens: () => configured, records: apiRecords(db) }),
    );
    if (!limited.ok) throw new Error(limited.problem);
    try {
      const get = (token: string) =>
        fetch(`${limited.url}/api/v1/calls/live`, { headers: { Authorization: `Bearer ${token}` } });
      const statuses: number[] = [];
      for (let n = 0; n < 4; n++) statuses.push((await get(adminToken)).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      const another = await get(tokens.own ?? '');
      expect(another.status).toBe(200);
      for (let n = 0; n < 3; n++) expect((await get('guessed')).status).toBe(401);
      const refused = await get('guessed');
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({ reason: 'too_many_requests' });
    } finally {
      await limited.close();
    }
  });
});

describe('events', () => {
  it('are not for more than 20 listeners of one token, until one leaves', async () => {
    const holder = { role: 'publisher', publisher: owner } as const;
    const { token } = await addToken(db, { holder, label: 'page', expiresAt: null, now: new Date() });
    const aborted = new AbortController();
    const open = (signal = aborted.signal) =>
      fetch(`${url}/api/v1/events`, { headers: { Authorization: `Bearer ${token}` }, signal });
    const leaving = new AbortController();
    const first = await open(leaving.signal);
    const others = await Promise.all(Array.from({ length: 19 }, () => open()));
    expect([first, ...others].every(({ status }) => status === 200)).toBe(true);
    const refused = await open();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ reason: 'too_many_listeners' });
    leaving.abort();
    await expect.poll(async () => (await open()).status).toBe(200);
    aborted.abort();
  });

  it('tell a publisher of its own calls', async () => {
    const aborted = new AbortController();
    const response = await fetch(`${url}/api/v1/events`, {
      headers: { Authorization: `Bearer ${tokens.own ?? ''}` },
      signal: aborted.signal,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    while (!heard.includes('\n\n')) heard += (await reader.read()).value ?? '';
    aborted.abort();
    const [, event, data] = /^event: (\w+)\ndata: (.*)\n\n/.exec(heard) ?? [];
    expect(event).toBe('live');
    expect(JSON.parse(data ?? '')).toMatchObject([{ id: `live-${owner}`, from: '+1214***' }]);
  });
});
