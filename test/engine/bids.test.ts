/** Bidders as they should be, and many of them: what is asked, what comes of it, which connections it takes. */
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createBidding, type Bidding, type BidReport } from '../../src/bids/bidding.ts';
import { isGood, type BidOutcome } from '../../src/bids/outcome.ts';
import type { CallForBids } from '../../src/bids/question.ts';
import type { Bidder } from '../../src/routing/network.ts';
import { bareBidder, bidding, httpBidder, type FarBidder } from './support/bidder-server.ts';

const call: CallForBids = {
  call: 'c1',
  campaign: 'solar',
  caller: '+12145550111',
  attributes: { 'caller.number': '+12145550111', 'caller.state': 'TX', 'ivr.age': 42 },
};
/** Ample: the machine may be busy, and only those that never answer are to be late. */
const ample = 20_000;
const brief = 300;

let clock = 1_000_000;
let reports: BidReport[] = [];
let open: { close(): unknown }[] = [];

function start(now = () => clock): Bidding {
  const bidding = createBidding({
    key: 'key',
    now,
    onOutcome: (report) => reports.push(report),
  });
  open.push(bidding);
  return bidding;
}

async function far(answer: Parameters<typeof httpBidder>[0]): Promise<FarBidder> {
  const server = await httpBidder(answer);
  open.push(server);
  return server;
}

function buyer(id: string, { url }: { readonly url: string }, given: Partial<Bidder> = {}) {
  return { id, bid: { url, timeout: ample, min: 0, share: 'hash' as const, ...given } };
}

async function askOne(bidding: Bidding, at: FarBidder, given: Partial<Bidder> = {}): Promise<BidOutcome> {
  const outcome = (await bidding.ask(call, [buyer('sunrise', at, given)])).get('sunrise');
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
  reports = [];
  clock = 1_000_000;
});

describe('a bidder', () => {
  it('is asked by POST with the call’s attributes, the number hashed, and bids', async () => {
    const sunrise = await far(bidding('12.50'));
    expect(await askOne(start(), sunrise)).toEqual({
      kind: 'bid',
      price: 12_500_000,
      expiresAt: clock + 30_000,
    });
    const hash = createHmac('sha256', 'key').update('+12145550111').digest('hex');
    expect(sunrise.questions).toEqual([
      {
        method: 'POST',
        headers: expect.objectContaining({
          'content-type': 'application/json',
          accept: 'application/json',
          'accept-encoding': 'identity',
        }),
        body: {
          call: 'c1',
          campaign: 'solar',
          attributes: { 'caller.number': hash, 'caller.state': 'TX', 'ivr.age': 42 },
        },
      },
    ]);
  });

  it('that may have the number has it, beside one that may not', async () => {
    const [sunrise, helio] = [await far(bidding('1')), await far(bidding('2'))];
    await start().ask(call, [buyer('sunrise', sunrise, { share: 'number' }), buyer('helio', helio)]);
    expect(sunrise.questions[0]?.body).toMatchObject({ attributes: { 'caller.number': '+12145550111' } });
    expect(JSON.stringify(helio.questions[0]?.body)).not.toContain('5550111');
  });

  it('is sent the credentials of its address, and they are told to nobody else', async () => {
    const sunrise = await far((_request, response) => response.writeHead(500).end());
    const url = sunrise.url.replace('//', '//us:secret@');
    await start().ask(call, [
      buyer('sunrise', { url }),
      buyer('gone', { url: 'http://us:secret@127.0.0.1:1/' }),
    ]);
    expect(sunrise.questions[0]?.headers.authorization).toBe(`Basic ${btoa('us:secret')}`);
    expect(JSON.stringify(reports)).not.toContain('secret');
  });

  it.each<[string, string, object]>([
    ['a price of 0 is no bid', bidding('0'), { kind: 'none', reason: 'refused' }],
    ['less than its min is no bid', bidding('4.999999'), { kind: 'none', reason: 'below_min' }],
    ['its min is a bid', bidding('5'), { kind: 'bid', price: 5_000_000 }],
  ])('%s', async (_case, answer, expected) => {
    expect(await askOne(start(), await far(answer), { min: 5_000_000 })).toMatchObject(expected);
  });

  it('says by 204 that it does not want the call, and is no failure', async () => {
    const sunrise = await far((_request, response) => response.writeHead(204).end());
    const auction = start();
    for (let n = 0; n < 8; n++)
      expect(await askOne(auction, sunrise)).toEqual({ kind: 'none', reason: 'refused' });
    expect(sunrise.questions).toHaveLength(8);
    expect(sunrise.sockets).toHaveLength(1);
  });

  it('may answer in chunks, with a charset, with a JSON type of its own', async () => {
    const sunrise = await far((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.bids+json; charset=utf-8' });
      for (const character of bidding('12.50')) response.write(character);
      response.end();
    });
    expect(await askOne(start(), sunrise)).toMatchObject({ kind: 'bid', price: 12_500_000 });
  });

  it('may end its answer by hanging up', async () => {
    const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${bidding('12.50')}`;
    const sunrise = await bareBidder((socket) => socket.end(answer));
    open.push(sunrise);
    const auction = start();
    for (let n = 0; n < 10; n++)
      expect(await askOne(auction, sunrise)).toMatchObject({ kind: 'bid', price: 12_500_000 });
  });

  it('is bound until its bid expires, and not at that instant', async () => {
    const bid = await askOne(start(), await far(bidding('1', 300)));
    if (bid.kind !== 'bid') throw new Error(bid.reason);
    expect(isGood(bid, clock + 299_999)).toBe(true);
    expect(isGood(bid, clock + 300_000)).toBe(false);
  });
});

describe('bidders', () => {
  it('are asked all at once: each answers only when all were asked', async () => {
    const waiting: (() => void)[] = [];
    const many = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        far((_request, response) => {
          waiting.push(() =>
            response.writeHead(200, { 'content-type': 'application/json' }).end(bidding(`${n + 1}.5`)),
          );
          if (waiting.length === 100) for (const answer of waiting) answer();
        }),
      ),
    );
    const outcomes = await start().ask(
      call,
      many.map((server, n) => buyer(`b${n}`, server)),
    );
    expect([...outcomes.keys()]).toEqual(many.map((_, n) => `b${n}`));
    for (let n = 0; n < 100; n++)
      expect(outcomes.get(`b${n}`)).toMatchObject({ kind: 'bid', price: (n + 1) * 1_000_000 + 500_000 });
    expect(reports).toHaveLength(100);
  });

  it('lose their own turn alone: of a good, a silent and a broken one the good one bids', async () => {
    const good = await far(bidding('12.50'));
    const silent = await far(() => undefined);
    const broken = await far((request) => request.socket.destroy());
    const outcomes = await start().ask(call, [
      buyer('silent', silent, { timeout: brief }),
      buyer('good', good),
      buyer('broken', broken),
    ]);
    expect(Object.fromEntries(outcomes)).toEqual({
      silent: { kind: 'none', reason: 'timeout' },
      good: { kind: 'bid', price: 12_500_000, expiresAt: expect.any(Number) },
      broken: { kind: 'none', reason: 'failed', detail: 'ECONNRESET' },
    });
  });

  it('whose bid runs out while others are waited for have not bid', async () => {
    const [quick, lasting] = [await far(bidding('99', 1)), await far(bidding('12.50', 30))];
    let othersAreHeard: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => (othersAreHeard = resolve));
    const slow = await far((_request, response) => {
      void heard.then(() => {
        clock += 1000;
        response.writeHead(204).end();
      });
    });
    // The time is asked for as each of the three is asked and as each is heard.
    let times = 0;
    const now = () => {
      times += 1;
      if (times === 5) othersAreHeard();
      return clock;
    };
    const outcomes = await start(now).ask(call, [
      buyer('quick', quick),
      buyer('slow', slow),
      buyer('lasting', lasting),
    ]);
    expect(outcomes.get('quick')).toEqual({ kind: 'none', reason: 'expired' });
    expect(outcomes.get('lasting')).toMatchObject({ kind: 'bid' });
    expect(reports.find(({ buyer }) => buyer === 'quick')?.outcome).toEqual({
      kind: 'none',
      reason: 'expired',
    });
  });

  it('that nobody has are asked nothing', async () => {
    expect((await start().ask(call, [])).size).toBe(0);
  });
});

describe('connections', () => {
  it('are kept from call to call', async () => {
    const sunrise = await far(bidding('12.50'));
    const auction = start();
    for (let n = 0; n < 20; n++) expect(await askOne(auction, sunrise)).toMatchObject({ kind: 'bid' });
    expect(sunrise.sockets).toHaveLength(1);
  });

  it('that the bidder let go of meanwhile cost nobody a turn', async () => {
    let asked = 0;
    const sunrise = await bareBidder((socket) => {
      asked += 1;
      // A kept connection is reset in the face of its second question.
      if (asked % 2 === 0) socket.resetAndDestroy();
      else {
        const body = bidding('12.50');
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      }
    });
    open.push(sunrise);
    const auction = start();
    for (let n = 0; n < 6; n++) expect(await askOne(auction, sunrise)).toMatchObject({ kind: 'bid' });
    expect(sunrise.sockets).toHaveLength(6);
  });

  it('that break in mid-answer are no stale ones: the question is not put again', async () => {
    const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n`;
    let asked = 0;
    const sunrise = await bareBidder((socket) => {
      asked += 1;
      if (asked === 1) socket.write(`${answer}${bidding('12.50').padEnd(36)}`);
      else socket.write(`${answer}{`, () => setImmediate(() => socket.resetAndDestroy()));
    });
    open.push(sunrise);
    const auction = start();
    expect(await askOne(auction, sunrise)).toMatchObject({ kind: 'bid' });
    expect(await askOne(auction, sunrise)).toMatchObject({ kind: 'none', reason: 'failed' });
    expect([asked, sunrise.sockets.length]).toEqual([2, 1]);
  });

  it('are all closed at the end, those in use too; what was under way has failed, and so does what comes', async () => {
    const good = await far(bidding('12.50'));
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const silent = await far(() => asked());
    const auction = start();
    await askOne(auction, good);
    const underWay = auction.ask(call, [buyer('silent', silent)]);
    await isAsked;
    auction.close();
    expect((await underWay).get('silent')).toEqual({ kind: 'none', reason: 'failed', detail: 'closed' });
    await Promise.all([good.allClosed(), silent.allClosed()]);
    expect(await askOne(auction, good)).toEqual({ kind: 'none', reason: 'failed', detail: 'closed' });
    auction.close();
  });

  it('hold 500 calls at once', async () => {
    const [sunrise, helio] = [await far(bidding('12.50')), await far(bidding('13'))];
    const auction = start();
    const all = await Promise.all(
      Array.from({ length: 500 }, (_, n) =>
        auction.ask({ ...call, call: `c${n}` }, [buyer('sunrise', sunrise), buyer('helio', helio)]),
      ),
    );
    for (const outcomes of all) expect([...outcomes.values()].every(({ kind }) => kind === 'bid')).toBe(true);
    const calls = sunrise.questions.map(({ body }) => (body as { call: string }).call);
    expect(new Set(calls).size).toBe(500);
    expect(sunrise.sockets.length).toBeLessThanOrEqual(256);
  });
});

describe('more calls than a bidder that hangs has connections for', () => {
  it('wait no longer for it than its timeout, and ask it no more', async () => {
    const silent = await far(() => undefined);
    const auction = start();
    const asking = () => auction.ask(call, [buyer('silent', silent, { timeout: brief })]);
    const all = await Promise.all(Array.from({ length: 400 }, asking));
    for (const outcomes of all) expect(outcomes.get('silent')).toEqual({ kind: 'none', reason: 'timeout' });
    expect(silent.sockets.length).toBeLessThan(600);
    expect((await asking()).get('silent')).toEqual({ kind: 'none', reason: 'breaker_open' });
    auction.close();
    await silent.allClosed();
  });
});

describe('the breaker of a bidder', () => {
  it('opens after five failures, tries one question after 30 s, closes on its answer', async () => {
    let works = false;
    const sunrise = await far((_request, response) => {
      if (works) response.writeHead(200, { 'content-type': 'application/json' }).end(bidding('12.50'));
      else response.writeHead(503).end();
    });
    const auction = start();
    const left = { kind: 'none', reason: 'breaker_open' };
    for (let n = 0; n < 5; n++)
      expect(await askOne(auction, sunrise)).toEqual({
        kind: 'none',
        reason: 'failed',
        detail: 'status 503',
      });
    expect(await askOne(auction, sunrise)).toEqual(left);
    clock += 29_999;
    expect(await askOne(auction, sunrise)).toEqual(left);
    expect(sunrise.questions).toHaveLength(5);

    clock += 1;
    const onTrial = await Promise.all(Array.from({ length: 10 }, () => askOne(auction, sunrise)));
    expect(onTrial.map((outcome) => outcome.kind === 'none' && outcome.reason).sort()).toEqual([
      ...Array<string>(9).fill('breaker_open'),
      'failed',
    ]);
    expect(sunrise.questions).toHaveLength(6);

    works = true;
    clock += 30_000;
    expect(await askOne(auction, sunrise)).toMatchObject({ kind: 'bid' });
    expect(await askOne(auction, sunrise)).toMatchObject({ kind: 'bid' });
    expect(reports.map(({ breaker }) => breaker).filter((change) => change !== null)).toEqual([
      'opened',
      'opened',
      'closed',
    ]);
  });

  it('is its own: another bidder, or the same at another address, is asked', async () => {
    const down = await far((request) => request.socket.destroy());
    const up = await far(bidding('12.50'));
    const auction = start();
    for (let n = 0; n < 5; n++) await auction.ask(call, [buyer('sunrise', down), buyer('helio', up)]);
    const outcomes = await auction.ask(call, [buyer('sunrise', down), buyer('helio', up)]);
    expect(outcomes.get('sunrise')).toEqual({ kind: 'none', reason: 'breaker_open' });
    expect(outcomes.get('helio')).toMatchObject({ kind: 'bid' });
    expect(await askOne(auction, up)).toMatchObject({ kind: 'bid' });
  });
});
