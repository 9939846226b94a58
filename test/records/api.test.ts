/** The API after the call, over real HTTP, against a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { Tokens } from '../../src/http/bearer.ts';
import { listen } from '../../src/http/server.ts';
import type { CallRecord } from '../../src/records/events.ts';
import type { AfterTheCall } from '../../src/records/ledger/after-the-call.ts';
import { httpOptions } from '../support/http-options.ts';
import { closeStatement } from '../../src/records/statements/close-statement.ts';
import { parseMonth } from '../../src/records/statements/month.ts';
import { aCall } from './support/a-call.ts';
import { ledgerStage, type LedgerStage } from './support/ledger-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

const networkToken = 'the-networks-own-token';
const helioToken = 'helio-0123456789abcdef';
const sunriseToken = 'sunrise-0123456789abcdef';

let database: TestDatabase;
let stage: LedgerStage;
let tokens: Tokens;
let broken: Error | null;
let defects: unknown[];
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = await database.fresh();
  stage = await ledgerStage(db);
  const breakable: AfterTheCall = {
    ...stage,
    listDisputes: (query) => (broken ? Promise.reject(broken) : stage.listDisputes(query)),
  };
  const listening = await listen(
    httpOptions({
      afterTheCall: breakable,
      tokens: () => tokens,
      network: () => ({
        ...{ name: 'Acme', timezone: 'America/New_York', currency: 'USD' },
        network: {
          publishers: new Map([['clickwise', { name: 'Clickwise' }]]),
          buyers: new Map(['helio', 'sunrise'].map((name) => [name, { name }])),
          campaigns: new Set(['solar']),
        },
      }),
      onDefect: (error) => defects.push(error),
    }),
  );
  if (!listening.ok) throw new Error(listening.problem);
  ({ url, close } = listening);
});
afterAll(async () => {
  await close();
  await database.stop();
});
beforeEach(() => {
  tokens = {
    network: networkToken,
    buyers: new Map([
      ['helio', helioToken],
      ['sunrise', sunriseToken],
    ]),
  };
  broken = null;
  defects = [];
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(
  method: 'GET' | 'POST',
  path: string,
  {
    token = networkToken,
    json,
    headers = {},
  }: { token?: string | null; json?: unknown; headers?: object } = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: typeof json === 'string' ? json : JSON.stringify(json) }),
  });
  const body = (await response.json()) as Answer['body'];
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body,
  };
}

/** RFC 9457, with the word for programs. */
function expectProblem(answer: Answer, status: number, reason: string): void {
  expect(answer).toMatchObject({
    status,
    type: expect.stringMatching(/^application\/problem\+json/),
    body: {
      type: `urn:tollbridge:problem:${reason}`,
      title: expect.any(String),
      status,
      reason,
      detail: expect.any(String),
    },
  });
}

async function sold(given: Parameters<typeof aCall>[0] = {}): Promise<CallRecord> {
  const call = aCall({ table: 'table-c', buyer: 'helio', ...given });
  await stage.load(call);
  return call;
}

const sale = { key: 'order-1', name: 'sale', amount: '120.00' };

describe('POST /calls/:id/conversions', () => {
  it('records, says so again, revises: to the network with payout and margin', async () => {
    const { call } = await sold({ buyer: 'brightside', campaign: 'roofing' });
    const path = `/calls/${call}/conversions`;
    expect(await ask('POST', path, { json: sale })).toMatchObject({
      status: 201,
      body: {
        ...{ result: 'recorded', call, key: 'order-1', revision: 1 },
        ...{ currency: 'USD', revenue: '60.00', payout: '36.00', margin: '24.00' },
      },
    });
    expect(await ask('POST', path, { json: sale })).toMatchObject({
      status: 200,
      body: { result: 'unchanged' },
    });
    const revised = { ...sale, amount: '20.00', happened_at: '2026-03-05T10:00:00-05:00' };
    expect(await ask('POST', path, { json: revised })).toMatchObject({
      status: 200,
      body: { result: 'revised', revision: 2 },
    });
  });

  it('of a buyer is about the calls that it took, and tells it nothing of payouts; of others it knows none', async () => {
    const { call } = await sold();
    const path = `/calls/${call}/conversions`;
    const { status, body } = await ask('POST', path, { token: helioToken, json: sale });
    expect(status).toBe(201);
    expect(Object.keys(body).sort()).toEqual(['call', 'currency', 'key', 'result', 'revenue', 'revision']);
    const [stored] = await stage.db
      .selectFrom('conversions')
      .selectAll()
      .where('call_id', '=', call)
      .execute();
    expect(stored).toMatchObject({ reported_by: 'buyer:helio', amount: 120_000_000n });
    const others = await ask('POST', path, { token: sunriseToken, json: sale });
    const none = await ask('POST', '/calls/no-such-call/conversions', { token: sunriseToken, json: sale });
    expectProblem(others, 404, 'unknown_call');
    expect({ ...others.body, detail: '' }).toEqual({ ...none.body, detail: '' });
    expect(others.body['detail']).toBe(String(none.body['detail']).replace('no-such-call', call));
  });

  const refusals: readonly (readonly [number, string, unknown])[] = [
    [400, 'bad_request', { ...sale, amount: 120 }],
    [400, 'bad_request', { ...sale, currency: 'EUR' }],
    [400, 'bad_request', { key: 'order-1' }],
    [400, 'bad_request', { ...sale, happened_at: 'yesterday' }],
    [400, 'bad_request', '{"key":'],
    [400, 'bad_request', []],
    [422, 'bad_amount', { ...sale, amount: '-1.00' }],
    [422, 'bad_amount', { ...sale, amount: '99999999999' }],
    [422, 'bad_key', { ...sale, key: 'two words' }],
    [422, 'bad_name', { ...sale, name: 'a sale' }],
    [422, 'bad_time', { ...sale, happened_at: '2036-01-01T00:00:00Z' }],
  ];
  test.each(refusals)('%i %s: %j', async (status, reason, json) => {
    const { call } = await sold();
    expectProblem(await ask('POST', `/calls/${call}/conversions`, { json }), status, reason);
    expect((await stage.lines(call)).every(({ kind }) => kind === 'call')).toBe(true);
  });

  it('409 where nobody was connected', async () => {
    const { call } = await sold({ connectedAt: null, buyer: null });
    expectProblem(await ask('POST', `/calls/${call}/conversions`, { json: sale }), 409, 'not_connected');
  });

  it('409 once the call stands in a closed statement: nothing is changed, and what was said before may be said again', async () => {
    const { call } = await sold({ startedAt: Date.UTC(2024, 10, 5, 12) });
    const path = `/calls/${call}/conversions`;
    expect(await ask('POST', path, { json: sale })).toMatchObject({ status: 201 });
    const closed = await closeStatement(stage.db, {
      ...{ account: 'receivable', party: 'helio', month: parseMonth('2024-11', 'America/New_York')! },
      ...{ by: 'mara', now: stage.now, currency: 'USD', isNamed: true },
    });
    expect(closed).toMatchObject({ ok: true });
    // Said again with other words by the buyer, too, and by the network.
    const before = await stage.lines(call);
    for (const token of [networkToken, helioToken]) {
      expectProblem(
        await ask('POST', path, { token, json: { ...sale, amount: '130.00' } }),
        409,
        'statement_closed',
      );
      expectProblem(
        await ask('POST', path, { token, json: { ...sale, key: 'order-2' } }),
        409,
        'statement_closed',
      );
      const again = await ask('POST', path, { token, json: sale });
      expect(again).toMatchObject({ status: 200, body: { result: 'unchanged', revision: 1 } });
    }
    expect(await stage.lines(call)).toEqual(before);
    const kept = await stage.db.selectFrom('conversions').selectAll().where('call_id', '=', call).execute();
    expect(kept).toHaveLength(1);
  });

  it('413 where the body is far too long, 415 where it is no JSON', async () => {
    const { call } = await sold();
    const path = `/calls/${call}/conversions`;
    expectProblem(
      await ask('POST', path, { json: { ...sale, name: 'x'.repeat(100_000) } }),
      413,
      'bad_request',
    );
    expectProblem(
      await ask('POST', path, { json: 'a=b', headers: { 'Content-Type': 'text/x' } }),
      415,
      'bad_request',
    );
  });
});

describe('disputes', () => {
  it('are opened by the buyer, listed to it, decided by the network', async () => {
    const { call } = await sold();
    const opened = await ask('POST', `/calls/${call}/disputes`, {
      token: helioToken,
      json: { reason: 'a wrong number' },
    });
    expect(opened).toMatchObject({ status: 201, body: { call, state: 'open', dispute: expect.any(String) } });
    const dispute = String(opened.body['dispute']);
    expectProblem(
      await ask('POST', `/calls/${call}/disputes`, { token: helioToken, json: { reason: 'again' } }),
      409,
      'already_open',
    );
    const other = await ask('POST', `/calls/${call}/disputes`, {
      token: sunriseToken,
      json: { reason: 'not mine' },
    });
    expectProblem(other, 404, 'unknown_call');

    const mine = (await ask('GET', `/disputes?call=${call}`, { token: helioToken }))
      .body as unknown as object[];
    expect(mine).toMatchObject([
      { id: dispute, call, state: 'open', revenue: '38.00', opened_by: 'buyer:helio' },
    ]);
    expect(mine[0]).not.toHaveProperty('publisher');
    expect((await ask('GET', '/disputes?buyer=helio', { token: sunriseToken })).body).toEqual([]);
    // Asked for those of another, it is not given its own.
    expect((await ask('GET', '/disputes?buyer=sunrise', { token: helioToken })).body).toEqual([]);
    expect((await ask('GET', '/disputes?buyer=helio&state=open&limit=1')).body).toMatchObject([
      { publisher: 'clickwise' },
    ]);

    const path = `/disputes/${dispute}/decision`;
    const decision = { decision: 'partly', remains: '19.00', why: 'half of it' };
    expectProblem(await ask('POST', path, { token: helioToken, json: decision }), 403, 'network_only');
    expectProblem(await ask('POST', path, { json: { decision: 'partly', why: 'half' } }), 422, 'bad_amount');
    expectProblem(await ask('POST', path, { json: { ...decision, decision: 'refused' } }), 422, 'bad_amount');
    expectProblem(
      await ask('POST', path, { json: { ...decision, decision: 'perhaps' } }),
      400,
      'bad_request',
    );
    expect(await ask('POST', path, { json: decision })).toMatchObject({
      status: 200,
      body: {
        dispute,
        call,
        state: 'partly',
        revenue: '19.00',
        payout: '15.00',
        margin: '4.00',
        currency: 'USD',
      },
    });
    expectProblem(await ask('POST', path, { json: decision }), 409, 'already_decided');
    expectProblem(await ask('POST', '/disputes/none/decision', { json: decision }), 404, 'unknown_dispute');
    expectProblem(await ask('GET', '/disputes?limit=0'), 400, 'bad_request');
  });
});

describe('POST /adjustments', () => {
  const asked = {
    key: 'bonus',
    publisher: 'clickwise',
    amount: '10.00',
    by: 'mara',
    why: 'the bonus of March',
  };
  it('is made once; for the network alone', async () => {
    expectProblem(await ask('POST', '/adjustments', { token: helioToken, json: asked }), 403, 'network_only');
    expect(await ask('POST', '/adjustments', { json: asked })).toMatchObject({
      status: 201,
      body: { result: 'adjusted' },
    });
    expect(await ask('POST', '/adjustments', { json: asked })).toMatchObject({
      status: 200,
      body: { result: 'unchanged' },
    });
    expectProblem(
      await ask('POST', '/adjustments', { json: { ...asked, amount: '11.00' } }),
      409,
      'key_taken',
    );
    expect((await stage.lines(null)).filter(({ reference }) => reference === 'bonus')).toHaveLength(2);
  });
  it('says what is wrong', async () => {
    const { publisher: _, ...nobody } = asked;
    expectProblem(await ask('POST', '/adjustments', { json: nobody }), 422, 'unknown_party');
    expectProblem(
      await ask('POST', '/adjustments', { json: { ...asked, buyer: 'helio' } }),
      422,
      'unknown_party',
    );
    expectProblem(
      await ask('POST', '/adjustments', { json: { ...nobody, buyer: 'heliu' } }),
      422,
      'unknown_party',
    );
    expectProblem(
      await ask('POST', '/adjustments', { json: { ...asked, campaign: 'solr' } }),
      422,
      'unknown_campaign',
    );
    expectProblem(
      await ask('POST', '/adjustments', { json: { ...asked, call: 'none' } }),
      422,
      'unknown_call',
    );
    expectProblem(await ask('POST', '/adjustments', { json: { ...asked, why: '' } }), 422, 'bad_why');
    expectProblem(
      await ask('POST', '/adjustments', { json: { ...asked, amount: '0.001' } }),
      422,
      'bad_amount',
    );
  });
});

describe('who asks', () => {
  it('needs a token that is known', async () => {
    const without = await ask('GET', '/disputes', { token: null });
    expectProblem(without, 401, 'no_token');
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    for (const token of ['nobodys-token-0123456789', `${networkToken}x`, networkToken.slice(0, -1)]) {
      const answer = await ask('GET', '/disputes', { token });
      expectProblem(answer, 401, 'wrong_token');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    const basic = `Basic ${Buffer.from(`x:${networkToken}`).toString('base64')}`;
    expectProblem(
      await ask('GET', '/disputes', { token: null, headers: { Authorization: basic } }),
      401,
      'no_token',
    );
    expect(
      (await ask('GET', '/disputes', { token: null, headers: { authorization: `bearer ${helioToken}` } }))
        .status,
    ).toBe(200);
  });

  it('may be another after a reload, from the next request on', async () => {
    const old = helioToken;
    tokens = { network: networkToken, buyers: new Map([['helio', 'another-0123456789abcdef']]) };
    expectProblem(await ask('GET', '/disputes', { token: old }), 401, 'wrong_token');
    expect((await ask('GET', '/disputes', { token: 'another-0123456789abcdef' })).status).toBe(200);
    expectProblem(await ask('GET', '/disputes', { token: sunriseToken }), 401, 'wrong_token');
  });

  it('is the network where no token is asked for', async () => {
    tokens = { network: null, buyers: new Map() };
    expect((await ask('GET', '/disputes', { token: null })).status).toBe(200);
  });

  it('as a buyer sees neither live calls nor the world, and reloads nothing', async () => {
    for (const path of ['/calls/live', '/world?campaign=solar'])
      expectProblem(await ask('GET', path, { token: helioToken }), 403, 'network_only');
    expectProblem(await ask('POST', '/reload', { token: helioToken }), 403, 'network_only');
    expect((await ask('GET', '/calls/live')).status).toBe(200);
    expectProblem(await ask('GET', '/world?campaign=solar'), 404, 'unknown_campaign');
    expectProblem(await ask('GET', '/world'), 400, 'bad_request');
  });

  it('is no page of another site', async () => {
    tokens = { network: null, buyers: new Map() };
    const from = (headers: object) => ask('GET', '/disputes', { token: null, headers });
    expectProblem(await from({ Origin: 'https://evil.example' }), 403, 'cross_site');
    expectProblem(await from({ Origin: 'null' }), 403, 'cross_site');
    expectProblem(await from({ Origin: 'http://127.0.0.1:1' }), 403, 'cross_site');
    expectProblem(await from({ 'Sec-Fetch-Site': 'cross-site' }), 403, 'cross_site');
    expectProblem(await from({ 'Sec-Fetch-Site': 'same-site' }), 403, 'cross_site');
    expectProblem(await from({ Origin: url }), 403, 'cross_site');
  });
});

describe('in the same form', () => {
  it('what is not there', async () => {
    expectProblem(await ask('GET', '/nothing'), 404, 'not_found');
    expectProblem(await ask('GET', '/calls/some/conversions'), 404, 'not_found');
  });

  it('503 while the records cannot be reached, with when to ask again; a fault of ours is told, not shown', async () => {
    broken = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const away = await ask('GET', '/disputes');
    expectProblem(away, 503, 'records_unavailable');
    expect(away.headers.get('retry-after')).toBe('5');
    broken = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
    expectProblem(await ask('GET', '/disputes'), 503, 'records_unavailable');
    expect(defects).toEqual([]);
    broken = new TypeError('a secret of the inside');
    const failed = await ask('GET', '/disputes');
    expectProblem(failed, 500, 'defect');
    expect(JSON.stringify(failed.body)).not.toContain('secret');
    expect(defects).toEqual([broken]);
  });
});
