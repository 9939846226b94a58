/** Bidders that are slow, broken or out to do harm: each loses its turn, by a reason from the list, and nothing else. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createBidding } from '../../src/bids/bidding.ts';
import type { BidOutcome } from '../../src/bids/outcome.ts';
import { bareBidder, bidding, httpBidder, type FarBidder } from './support/bidder-server.ts';

const ample = 20_000;
const brief = 300;
let open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
});

/** Asks once; the connection must not outlive a bidder that did not bid. */
async function outcomeOf(url: string, timeout: number): Promise<BidOutcome> {
  const asking = createBidding({ key: 'key', now: () => Date.now(), onOutcome: () => undefined });
  open.push(asking);
  const call = { call: 'c1', campaign: 'solar', caller: null, attributes: {} };
  const outcomes = await asking.ask(call, [{ id: 'x', bid: { url, timeout, min: 0, share: 'hash' } }]);
  const outcome = outcomes.get('x');
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

async function ask(far: Promise<FarBidder>, timeout = ample): Promise<BidOutcome> {
  const bidder = await far;
  open.push(bidder);
  const outcome = await outcomeOf(bidder.url, timeout);
  if (outcome.kind === 'none') await bidder.allClosed();
  return outcome;
}

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const sized = (body: string) => `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('a slow bidder', () => {
  it.each<[string, () => Promise<FarBidder>]>([
    ['takes the connection and says nothing', () => bareBidder(null)],
    ['never ends its headers', () => bareBidder(dribble(`${head}X-Slow: `))],
    ['sends its headers and no body', () => bareBidder(`${head}Content-Length: 40\r\n\r\n`)],
    ['dribbles its body', () => bareBidder(dribble(`${head}Content-Length: 4000\r\n\r\n`))],
    ['dribbles chunks', () => bareBidder(dribble(`${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'))],
    ['only ever says that it is at it', () => bareBidder(dribble('', 'HTTP/1.1 102 Processing\r\n\r\n'))],
  ])('is out of time: it %s', async (_case, far) => {
    expect(await ask(far(), brief)).toEqual({ kind: 'none', reason: 'timeout' });
  });

  it('that never gets through with TLS is out of time', async () => {
    const far = await bareBidder(null);
    open.push(far);
    expect(await outcomeOf(far.url.replace('http:', 'https:'), brief)).toEqual({
      kind: 'none',
      reason: 'timeout',
    });
    await far.allClosed();
  });
});

/** Says `first`, then a little more for ever. */
function dribble(first: string, more = ' ') {
  return (socket: net.Socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(more), 20);
    socket.once('close', () => clearInterval(timer));
  };
}

describe('a broken bidder', () => {
  it.each<[string, string, unknown, () => Promise<FarBidder>]>([
    ['resets', 'failed', 'ECONNRESET', () => bareBidder((socket) => socket.resetAndDestroy())],
    ['hangs up', 'failed', 'ECONNRESET', () => bareBidder((socket) => socket.destroy())],
    [
      'hangs up in mid-answer',
      'failed',
      'ECONNRESET',
      () => bareBidder((socket) => socket.end(sized(bidding('12.50')).slice(0, -5))),
    ],
    [
      'hangs up before the last chunk',
      'failed',
      'ECONNRESET',
      () =>
        bareBidder((socket) =>
          socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n24\r\n${bidding('12.50').padEnd(36)}\r\n`),
        ),
    ],
    [
      'speaks another protocol',
      'malformed',
      expect.stringMatching(/^HPE_/),
      () => bareBidder('220 smtp ready\r\n'),
    ],
    ['sends noise', 'malformed', expect.stringMatching(/^HPE_/), () => bareBidder(Buffer.alloc(2000, 0xf7))],
    [
      'gives two lengths',
      'malformed',
      expect.stringMatching(/^HPE_/),
      () => bareBidder(`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`),
    ],
    [
      'answers 500',
      'failed',
      'status 500',
      () => httpBidder((_, response) => response.writeHead(500).end('{}')),
    ],
    [
      'answers 201',
      'failed',
      'status 201',
      () =>
        httpBidder((_, response) =>
          response.writeHead(201, { 'content-type': 'application/json' }).end(bidding('1')),
        ),
    ],
    [
      'changes the protocol',
      'failed',
      'no response',
      () =>
        bareBidder('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    ],
    [
      'answers in HTML',
      'malformed',
      'not a JSON content type',
      () =>
        httpBidder((_, response) =>
          response.writeHead(200, { 'content-type': 'text/html' }).end(bidding('1')),
        ),
    ],
    [
      'says no type',
      'malformed',
      'not a JSON content type',
      () => httpBidder((_, response) => response.writeHead(200).end(bidding('1'))),
    ],
    [
      'says what is almost JSON',
      'malformed',
      'not a JSON content type',
      () =>
        httpBidder((_, response) =>
          response.writeHead(200, { 'content-type': 'application/jsonp' }).end(bidding('1')),
        ),
    ],
  ])('that %s is %s', async (_case, reason, detail, far) => {
    expect(await ask(far())).toEqual({ kind: 'none', reason, detail });
  });

  it('that is not there has failed', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const gone = await outcomeOf(`http://127.0.0.1:${port}/`, ample);
    expect(gone).toEqual({ kind: 'none', reason: 'failed', detail: 'ECONNREFUSED' });
  });

  it.each(['ftp://127.0.0.1/', 'no url', 'http://127.0.0.1:99999/', ''])('cannot be at "%s"', async (url) => {
    expect(await outcomeOf(url, ample)).toMatchObject({ kind: 'none', reason: 'failed' });
  });

  it('speaks plain HTTP where TLS was agreed', async () => {
    const far = await bareBidder('HTTP/1.1 400 Bad Request\r\n\r\n');
    open.push(far);
    const outcome = await outcomeOf(far.url.replace('http:', 'https:'), ample);
    expect(outcome).toMatchObject({ kind: 'none', reason: 'failed' });
  });
});

describe('a hostile bidder', () => {
  it.each<[string, string, () => Promise<FarBidder>]>([
    [
      'a body without end',
      'too_large',
      () => bareBidder(flood(`${head}Transfer-Encoding: chunked\r\n\r\n`, `1000\r\n${' '.repeat(4096)}\r\n`)),
    ],
    ['a body of a gigabyte', 'too_large', () => bareBidder(`${head}Content-Length: 1000000000\r\n\r\n{`)],
    ['a body of 4097 bytes', 'too_large', () => bareBidder(sized(bidding('12.50').padEnd(4097)))],
    [
      'a body of 4097 bytes, its length unsaid',
      'too_large',
      () => bareBidder((socket) => socket.end(`${head}\r\n${bidding('12.50').padEnd(4097)}`)),
    ],
    ['headers without end', 'too_large', () => bareBidder(flood(head, `X-Pad: ${'x'.repeat(1000)}\r\n`))],
    [
      'a gzip bomb',
      'malformed',
      () =>
        httpBidder((_, response) =>
          response
            .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
            .end(gzipSync(bidding('12.50').padEnd(3_000_000))),
        ),
    ],
    [
      'gzip that it says nothing of',
      'malformed',
      () =>
        httpBidder((_, response) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(gzipSync(bidding('1'))),
        ),
    ],
    ['NaN', 'malformed', () => httpBidder('{"price":NaN,"expires_in":30}')],
    ['"NaN"', 'malformed', () => httpBidder(bidding('NaN'))],
    ['a negative price', 'malformed', () => httpBidder(bidding('-12.50'))],
    ['1e308', 'malformed', () => httpBidder('{"price":1e308,"expires_in":30}')],
    ['"1e3"', 'malformed', () => httpBidder(bidding('1e3'))],
    ['two prices', 'malformed', () => httpBidder('{"price":"1","price":"900","expires_in":30}')],
    ['a deep nest', 'malformed', () => httpBidder('['.repeat(2048) + ']'.repeat(2048))],
    ['a bid for ever', 'malformed', () => httpBidder(bidding('12.50', 301))],
    ['nothing', 'malformed', () => httpBidder('')],
  ])('that sends %s: %s', async (_case, reason, far) => {
    const bidder = await far();
    open.push(bidder);
    expect(await outcomeOf(bidder.url, ample)).toMatchObject({ kind: 'none', reason });
  });

  it('may fill the whole 4096 bytes', async () => {
    expect(await ask(bareBidder(sized(bidding('12.50').padEnd(4096))))).toMatchObject({ kind: 'bid' });
  });

  it('that redirects to itself is asked once', async () => {
    const bidder = await httpBidder((request, response) =>
      response.writeHead(307, { location: `http://${String(request.headers.host)}/bid` }).end(),
    );
    open.push(bidder);
    expect(await outcomeOf(bidder.url, ample)).toEqual({
      kind: 'none',
      reason: 'failed',
      detail: 'status 307',
    });
    expect(bidder.questions).toHaveLength(1);
  });

  it('that answers twice has its second answer thrown away', async () => {
    const bidder = await bareBidder(sized(bidding('12.50')) + sized(bidding('9000')));
    open.push(bidder);
    const asking = createBidding({ key: 'key', now: () => Date.now(), onOutcome: () => undefined });
    open.push(asking);
    const call = { call: 'c1', campaign: 'solar', caller: null, attributes: {} };
    const buyer = { id: 'x', bid: { url: bidder.url, timeout: ample, min: 0, share: 'hash' as const } };
    for (let n = 0; n < 4; n++) {
      const outcome = (await asking.ask(call, [buyer])).get('x');
      expect(outcome?.kind === 'bid' ? outcome.price : null).not.toBe(9_000_000_000);
    }
  });
});

/** As much as the other side takes. */
function flood(first: string, more: string) {
  return (socket: net.Socket) => {
    socket.write(first);
    const pour = () => {
      while (socket.writable && socket.write(more)) continue;
    };
    socket.on('drain', pour);
    pour();
  };
}
