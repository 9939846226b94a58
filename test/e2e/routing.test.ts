import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/ports.ts';
import { talkToTheEnd, useSwitch } from '../support/stage.ts';

/** Bids over real HTTP: what each bidder was asked, and what it answers. */
const asked: { path: string; body: unknown }[] = [];
let bidders: Server;
const port = await freePort();

beforeAll(async () => {
  bidders = createServer((request, response) => {
    void json(request).then((body) => {
      asked.push({ path: request.url ?? '', body });
      if (request.url === '/silent') return;
      if (request.url === '/coy') response.statusCode = 204;
      response.setHeader('Content-Type', 'application/json');
      const price = request.url === '/high' ? '12.50' : '7.25';
      response.end(JSON.stringify({ price, expires_in: 30 }));
    });
  });
  await new Promise<void>((resolve) => bidders.listen(port, '127.0.0.1', resolve));
});
afterAll(() => {
  bidders.closeAllConnections();
  bidders.close();
});

const bidder = (path: string, given = {}) => ({
  bid: { url: `http://127.0.0.1:${port}/${path}`, timeout: '2s', min: '5.00', ...given },
});

/** Bidders that come to no bid, each in its way. */
const without = {
  coy: bidder('coy'),
  modest: bidder('low', { min: '10.00' }),
  silent: bidder('silent', { timeout: '200ms' }),
};

const stage = useSwitch({
  buyers: { first: {}, second: {}, third: {}, high: bidder('high'), low: bidder('low'), ...without },
  trunks: { third: { failover: { stop: [486] } } },
  campaigns: {
    together: {
      routing: {
        routes: [
          { ring: ['first', 'second'], priority: 1 },
          { buyer: 'third', priority: 2 },
        ],
      },
    },
    auction: {
      routing: { strategy: 'highest_revenue', routes: [{ buyer: 'low' }, { buyer: 'high' }] },
    },
    unwanted: { routing: { routes: Object.keys(without).map((buyer) => ({ buyer })) } },
    final: {
      routing: {
        failover: { stop: [603] },
        routes: [
          { buyer: 'first', priority: 1 },
          { buyer: 'second', priority: 2 },
        ],
      },
    },
    overruled: {
      routing: {
        failover: { stop: ['6xx'] },
        routes: [
          { buyer: 'first', priority: 1, failover: { stop: [] } },
          { buyer: 'third', priority: 2 },
          { buyer: 'second', priority: 3 },
        ],
      },
    },
    rested: {
      routing: {
        routes: [
          { buyer: 'third', priority: 1 },
          { buyer: 'second', priority: 2 },
        ],
      },
    },
    capped: {
      routing: {
        routes: [
          { buyer: 'first', priority: 1, caps: [{ count: 'connected', limit: 1, per: 'day' }] },
          { buyer: 'second', priority: 2 },
        ],
      },
    },
  },
});

test('a ring group: both buyers ring at once, the first who answers has the call, the other is cancelled', async () => {
  const first = await stage.buyer('first', 'buyer-rings');
  const second = await stage.buyer('second', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'together' });
  await talkToTheEnd(caller, second, { others: [first], forMs: 200 });
  const record = await stage.record(caller);
  expect(record).toMatchObject({ outcome: 'connected', buyer: 'second' });
  const results = record.attempts.map(({ buyer, result }) => `${buyer} ${result}`);
  expect(results.sort()).toEqual(['first cancelled', 'second answered']);
});

test('live bidding: the highest bid wins, and is what the buyer owes', async () => {
  const high = await stage.buyer('high', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'auction' });
  await talkToTheEnd(caller, high);
  expect(await stage.record(caller)).toMatchObject({ outcome: 'connected', buyer: 'high', revenue: '12.50' });
  expect(asked.map(({ path }) => path).sort()).toEqual(['/high', '/low']);
  for (const { body } of asked) {
    expect(body).toMatchObject({ campaign: 'auction' });
    expect(JSON.stringify(body), "the caller's number is hashed").not.toContain(caller.number.slice(-7));
  }
});

test('why a bidder did not bid stands in the record', async () => {
  const caller = await stage.caller('caller-listens', { campaign: 'unwanted' });
  await caller.sip.done();
  const leftOut = [
    { buyer: 'coy', rule: 'bid', seen: 'refused', limit: 5_000_000 },
    { buyer: 'modest', rule: 'bid', seen: 'below_min', limit: 10_000_000 },
    { buyer: 'silent', rule: 'bid', seen: 'timeout', limit: 5_000_000 },
  ];
  expect(await stage.record(caller)).toMatchObject({ outcome: 'no_buyer', left_out: leftOut });
});

test('an answer that the campaign takes as final: no other buyer is tried', async () => {
  const first = await stage.buyer('first', 'buyer-refuses', { keys: { status: '603', reason: 'Decline' } });
  const caller = await stage.caller('caller-listens', { campaign: 'final' });
  await Promise.all([caller.sip.done(), first.sip.done()]);
  const record = await stage.record(caller);
  expect(record).toMatchObject({ outcome: 'no_buyer' });
  expect(record.attempts).toMatchObject([{ buyer: 'first', status: 603 }]);
});

test('a route overrules its campaign on which answers are final, and so does a trunk', async () => {
  const first = await stage.buyer('first', 'buyer-refuses', { keys: { status: '603', reason: 'Decline' } });
  const third = await stage.buyer('third', 'buyer-refuses', { keys: { status: '486', reason: 'Busy Here' } });
  const caller = await stage.caller('caller-listens', { campaign: 'overruled' });
  await Promise.all([caller.sip.done(), first.sip.done(), third.sip.done()]);
  const record = await stage.record(caller);
  expect(record).toMatchObject({ outcome: 'no_buyer' });
  expect(record.attempts).toMatchObject([
    { buyer: 'first', status: 603 },
    { buyer: 'third', status: 486 },
  ]);
});

test("a cap on a route holds for that route's calls", async () => {
  for (const buyer of ['first', 'second']) {
    const end = await stage.buyer(buyer, 'buyer-answers');
    const caller = await stage.caller('caller-talks', { campaign: 'capped' });
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), end.sip.done()]);
    expect(await stage.record(caller)).toMatchObject({ outcome: 'connected', buyer });
  }
});

test('a trunk that answers 503 with Retry-After is left alone that long', async () => {
  const third = await stage.buyer('third', 'buyer-asks-for-rest');
  for (const expected of [['third', 'second'], ['second']]) {
    const second = await stage.buyer('second', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { campaign: 'rested' });
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), second.sip.done()]);
    const record = await stage.record(caller);
    expect(record.attempts.map(({ buyer }) => buyer)).toEqual(expected);
  }
  await third.sip.done();
});
