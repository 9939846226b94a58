import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrameReader, frame } from '../../src/embedded/sip/front/frames.ts';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { connectApp, routed } from './support/sip-app.ts';
import { FarCall, FarEnd, sdp } from './support/sip-far-end.ts';

/** What strangers and faulty apps may send: answered, dropped or refused, but never the end of the server. */
let server: SipServer;
const logged: { event: string; fields: Record<string, unknown> }[] = [];
const open: { close(): void }[] = [];

const port = (transport: 'udp' | 'tcp') => server.listening.find((one) => one.transport === transport)!.port;

beforeEach(async () => {
  logged.length = 0;
  server = await startSipServer({
    listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'],
    control: { host: '127.0.0.1', port: 0 },
    secret: 'cymru',
    timers: { t1: 10, t2: 40, t4: 30 },
    log: (_, event, fields) => logged.push({ event, fields }),
  });
});

afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await server.close();
});

async function farEnd(protocol: 'udp' | 'tcp'): Promise<FarEnd> {
  const end = await FarEnd[protocol](port(protocol));
  open.push(end);
  return end;
}

/** The server still does its work: an OPTIONS without an app gets its 503. */
async function stillServes(): Promise<void> {
  const end = await farEnd('udp');
  new FarCall(end, `sip:127.0.0.1:${port('udp')}`).request('OPTIONS');
  await end.response(503);
  expect(server.stats().defects).toBe(0);
}

describe('from the network', () => {
  it.each(['udp', 'tcp'] as const)(
    'a malformed request over %s gets 400 and is counted',
    async (protocol) => {
      const end = await farEnd(protocol);
      const call = new FarCall(end, 'sip:x@127.0.0.1');
      call.seq = 1;
      end.send(call.text('OPTIONS', '', [], 'z9hG4bKbad').replace('CSeq: 1 OPTIONS', 'CSeq: one OPTIONS'));
      const refused = await end.response(400);
      expect(refused.headers.get('call-id')).toBe(call.callId);
      expect(server.stats().malformed).toBe(1);
      await stillServes();
    },
  );

  it.each(['From', 'To', 'Call-ID', 'CSeq'])(
    'a malformed %s, or none, gets a 400 that says so',
    async (header) => {
      const end = await farEnd('udp');
      const call = new FarCall(end, 'sip:x@127.0.0.1');
      call.seq = 1;
      const good = call.text('INVITE', sdp, [], 'z9hG4bKwhich');
      const line = new RegExp(`^${header}: .*\r\n`, 'm');
      for (const wrong of [good.replace(line, `${header}: \r\n`), good.replace(line, '')]) {
        end.send(wrong);
        expect((await end.response(400)).reason).toMatch(new RegExp(`^${header} is missing`));
      }
      expect(server.stats()).toMatchObject({ malformed: 2, serverTransactions: 0 });
      await stillServes();
    },
  );

  it('a Via that says nowhere to answer is counted', async () => {
    const end = await farEnd('udp');
    const call = new FarCall(end, 'sip:x@127.0.0.1');
    call.seq = 1;
    end.send(call.text('INVITE', sdp, [], 'z9hG4bKvia').replace('Via: SIP/2.0/UDP', 'Via: to you'));
    await expect.poll(() => server.stats().malformed).toBe(1);
    await stillServes();
    expect(end.seen).toEqual([]);
  });

  it('an INVITE with any few bytes changed comes to a final answer, or is counted', async () => {
    const edit = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(6),
      fc.string({ maxLength: 4, unit: 'binary-ascii' }),
    );
    for (const edits of fc.sample(fc.array(edit, { minLength: 1, maxLength: 5 }), 150)) {
      // The answers come to the socket of this one alone.
      const end = await FarEnd.udp(port('udp'));
      const call = new FarCall(end, `sip:x@127.0.0.1:${port('udp')}`);
      call.seq = 1;
      let text = call.text(
        'INVITE',
        sdp,
        ['P-Asserted-Identity: <tel:+12145550100>'],
        `z9hG4bK-${call.callId}`,
      );
      for (const [where, cut, put] of edits) {
        const at = Math.floor(where * text.length);
        text = text.slice(0, at) + put + text.slice(at + cut);
      }
      const counted = () => server.stats().malformed + server.stats().stray;
      const before = counted();
      const isAnswered = () => end.seen.some((one) => one.kind === 'response' && one.status >= 200);
      end.send(text);
      await expect
        .poll(() => isAnswered() || counted() > before, { interval: 2, message: JSON.stringify(text) })
        .toBe(true);
      end.close();
      expect(server.stats().defects).toBe(0);
    }
    await stillServes();
  });

  it('a request whose first line holds a control character gets 400, and reaches nobody', async () => {
    const end = await farEnd('udp');
    const call = new FarCall(end, 'sip:x@127.0.0.1');
    call.seq = 1;
    end.send(call.text('INVITE', sdp, [], 'z9hG4bKnul').replace('sip:x@', 'sip:x\0|y@'));
    await end.response(400);
    expect(server.stats()).toMatchObject({ malformed: 1, serverTransactions: 0 });
    await stillServes();
  });

  it('a stray ACK, BYE, CANCEL and response do nothing but count', async () => {
    const end = await farEnd('udp');
    const call = new FarCall(end, 'sip:x@127.0.0.1');
    call.toTag = 'nobody';
    for (const method of ['BYE', 'INVITE', 'INFO']) {
      call.request(method);
      await end.response(481, method);
    }
    call.toTag = '';
    call.request('CANCEL');
    await end.response(481, 'CANCEL');
    call.request('ACK');
    end.send(call.text('OPTIONS', '', [], 'z9hG4bKx').replace(/^OPTIONS.*/, 'SIP/2.0 200 OK'));
    await expect.poll(() => server.stats().stray).toBeGreaterThanOrEqual(2);
    call.request('FROBNICATE');
    expect((await end.response(405)).headers.get('allow')).toContain('INVITE');
    await stillServes();
  });

  it('an INVITE that comes by two ways is refused the second time', async () => {
    const end = await farEnd('udp');
    const call = new FarCall(end, `sip:x@127.0.0.1:${port('udp')}`);
    call.invite(sdp);
    await end.response(503);
    end.send(call.text('INVITE', sdp, [], 'z9hG4bK-other-way'));
    expect((await end.response(482)).status).toBe(482);
    await stillServes();
  });

  it('a 2xx to an INVITE that nobody remembers is acknowledged and hung up', async () => {
    const end = await farEnd('udp');
    const us = `127.0.0.1:${port('udp')}`;
    end.send(
      [
        'SIP/2.0 200 OK',
        `Via: SIP/2.0/UDP ${us};branch=z9hG4bKforgotten`,
        `From: <sip:us@${us}>;tag=1`,
        `To: <sip:bob@${end.place}>;tag=2`,
        'Call-ID: forgotten',
        'CSeq: 7 INVITE',
        `Contact: <sip:bob@${end.place}>`,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
    expect((await end.request('ACK')).cseq).toEqual({ seq: 7, method: 'ACK' });
    expect((await end.request('BYE')).toTag).toBe('2');
  });

  it('any bytes, and any message with a few bytes changed, leave the server as it was', async () => {
    const end = await farEnd('udp');
    const call = new FarCall(end, `sip:x@127.0.0.1:${port('udp')}`);
    call.seq = 1;
    const good = call.text('INVITE', sdp, ['Route: <sip:a;lr>', 'Require: x'], 'z9hG4bKf');
    const edit = fc.tuple(fc.nat(good.length), fc.nat(6), fc.string({ maxLength: 4, unit: 'binary-ascii' }));
    const inputs = fc.sample(fc.array(edit, { minLength: 1, maxLength: 5 }), 400);
    for (const edits of inputs) {
      let text = good;
      for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
      end.send(text);
    }
    for (const bytes of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 200))
      end.send(Buffer.from(bytes));
    const stream = await farEnd('tcp');
    for (const bytes of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 50))
      stream.send(Buffer.from(bytes));
    await stillServes();
    const zero = {
      serverTransactions: 0,
      clientTransactions: 0,
      dialogs: 0,
      timers: 0,
      defects: 0,
      asked: 0,
    };
    await expect.poll(() => server.stats(), { timeout: 10_000 }).toMatchObject(zero);
  });

  it('a stream out of step is closed', async () => {
    const socket = connect(port('tcp'), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write('OPTIONS sip:a SIP/2.0\r\nContent-Length: many\r\n\r\n');
    await once(socket, 'close');
    await expect.poll(() => server.stats().connections).toBe(0);
    await stillServes();
  });
});

describe('a connection', () => {
  const limits = { wholeMessage: 300, idle: 1500, perPeer: 3 };

  beforeEach(async () => {
    await server.close();
    server = await startSipServer({
      listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'],
      control: { host: '127.0.0.1', port: 0 },
      secret: 'cymru',
      connectionLimits: limits,
      log: (_, event, fields) => logged.push({ event, fields }),
    });
  });

  async function connected(): Promise<{ socket: Socket; closedAfter: Promise<number> }> {
    const socket = connect(port('tcp'), '127.0.0.1');
    await once(socket, 'connect');
    const from = performance.now();
    socket.on('error', () => undefined).resume();
    open.push({ close: () => void socket.destroy() });
    // Not by `once`, which fails at a reset: that is an end as well.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    return { socket, closedAfter: closed.then(() => performance.now() - from) };
  }

  const options = (n: number) =>
    [
      'OPTIONS sip:x@127.0.0.1 SIP/2.0',
      `Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK-connection-${n}`,
      'From: <sip:far@127.0.0.1>;tag=1',
      'To: <sip:x@127.0.0.1>',
      'Call-ID: connection',
      `CSeq: ${n} OPTIONS`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');

  it('that brings nothing whole in time is closed, however it drips', async () => {
    const [silent, dripping, stuck] = [await connected(), await connected(), await connected()];
    const drip = setInterval(() => dripping.socket.write('O'), 40);
    const ping = setInterval(() => silent.socket.write('\r\n\r\n'), 40);
    stuck.socket.write(`${options(1)}OPTIONS sip:x`);
    for (const { closedAfter } of [silent, dripping, stuck]) {
      const ms = await closedAfter;
      expect(ms).toBeGreaterThan(limits.wholeMessage - 20);
      expect(ms).toBeLessThan(limits.idle);
    }
    clearInterval(drip);
    clearInterval(ping);
    await stillServes();
  });

  it('that is idle is closed later, one that is used or pinged is not', async () => {
    const [idle, used, pinged] = [await connected(), await connected(), await connected()];
    for (const { socket } of [idle, used, pinged]) socket.write(options(1));
    let [n, isOpen] = [1, true];
    const use = setInterval(() => {
      used.socket.write(options(++n));
      pinged.socket.write('\r\n\r\n');
    }, 100);
    for (const { closedAfter } of [used, pinged]) void closedAfter.then(() => (isOpen = false));
    expect(await idle.closedAfter).toBeGreaterThan(limits.idle - 20);
    await expect.poll(() => n, { timeout: 10_000 }).toBeGreaterThan(20);
    expect(isOpen).toBe(true);
    clearInterval(use);
    await Promise.all([used.closedAfter, pinged.closedAfter]);
    await expect.poll(() => server.stats().connections).toBe(0);
  });

  it('that a dialog goes over stays, however quiet it is', async () => {
    const app = await connectApp(server.control, 'cymru');
    open.push({ close: () => app.disconnect() });
    app.invite((req, res) => app.createUAS(req, res, { localSdp: sdp }));
    await routed(app);
    const end = await farEnd('tcp');
    const call = new FarCall(end, `sip:x@127.0.0.1:${port('tcp')}`);
    call.invite();
    call.ack(await end.response(200));
    for (let rounds = 0; rounds < 2; rounds++) {
      const other = await connected();
      other.socket.write(options(1));
      await other.closedAfter;
    }
    await expect.poll(() => server.stats()).toMatchObject({ connections: 1, dialogs: 1 });
    call.request('BYE');
    await end.response(200, 'BYE');
    await expect.poll(() => server.stats().connections, { timeout: 5000 }).toBe(0);
  });

  it('is refused where its address has as many as it may, and told of', async () => {
    const three = await Promise.all([connected(), connected(), connected()]);
    const fourth = await connected();
    await fourth.closedAfter;
    expect(logged.map(({ event }) => event)).toContain('sip.too_many_connections');
    expect(server.stats().connections).toBe(3);
    three[0].socket.destroy();
    await expect.poll(() => server.stats().connections).toBe(2);
    const again = await connected();
    again.socket.write(options(1));
    await once(again.socket, 'data');
  });
});

describe('from an app', () => {
  class RawApp {
    readonly socket: Socket = connect({ ...server.control });
    readonly #frames: string[] = [];
    #wake: (() => void) | null = null;

    constructor() {
      const reader = new FrameReader();
      this.socket.on('error', () => undefined);
      this.socket.on('data', (chunk: Buffer) => {
        for (const piece of reader.push(chunk)) this.#frames.push(piece.toString('latin1'));
        this.#wake?.();
      });
      open.push({ close: () => void this.socket.destroy() });
    }

    async ask(line: string, sip = ''): Promise<string> {
      this.socket.write(frame(line, Buffer.from(sip)));
      while (this.#frames.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      return this.#frames.shift()!.split('|').slice(2).join('|');
    }
  }

  const authenticated = async () => {
    const app = new RawApp();
    expect(await app.ask('a|authenticate|cymru|')).toContain('a|OK');
    return app;
  };

  it('nothing is obeyed before the secret', async () => {
    const app = new RawApp();
    expect(await app.ask('1|route|invite')).toBe('1|NO|not authenticated');
    await once(app.socket, 'end');
  });

  it.each<[string, string, string]>([
    ['no SIP', '1|sip||\r\n', ''],
    ['a start line of nothing', '1|sip||\r\n', 'nonsense\r\n\r\n'],
    ['a method of its own', '1|sip||\r\n', 'STEAL sip:a@127.0.0.1 SIP/2.0\r\n\r\n'],
    ['an INVITE to nowhere', '1|sip||\r\n', 'INVITE tel:+1800 SIP/2.0\r\n\r\n'],
    ['a request URI with a blank', '1|sip||\r\n', 'INVITE sip:a b@127.0.0.1 SIP/2.0\r\n\r\n'],
    ['a bare CR', '1|sip||\r\n', 'INVITE sip:a@127.0.0.1 SIP/2.0\r\nX: a\rY: b\r\n\r\n'],
    ['a bare LF', '1|sip||\r\n', 'INVITE sip:a@127.0.0.1 SIP/2.0\r\nX: a\nY: b\r\n\r\n'],
    ['a control character in the URI', '1|sip||\r\n', 'INVITE sip:a\0b@127.0.0.1 SIP/2.0\r\n\r\n'],
    ['a control character in the reason', '1|sip|t|\r\n', 'SIP/2.0 486 Bu\x1bsy\r\n\r\n'],
    ['a body of unknown type', '1|sip||\r\n', 'INVITE sip:a@127.0.0.1 SIP/2.0\r\n\r\nhello'],
    ['a transport we have not', '1|sip||\r\n', 'INVITE sip:a@127.0.0.1;transport=ws SIP/2.0\r\n\r\n'],
    ['a response to nothing', '1|sip|none|\r\n', 'SIP/2.0 200 OK\r\n\r\n'],
    ['a CANCEL of nothing', '1|sip|none|\r\n', 'CANCEL sip:a@127.0.0.1 SIP/2.0\r\n\r\n'],
    ['an ACK of nothing', '1|sip||none\r\n', 'ACK sip:a@127.0.0.1 SIP/2.0\r\n\r\n'],
    ['a proxy', '1|proxy|t||||serial|||sip:a@127.0.0.1\r\n', 'INVITE sip:a@127.0.0.1 SIP/2.0\r\n\r\n'],
    ['a CDR route', '1|route|cdr:start', ''],
    ['an unknown command', '1|dance', ''],
  ])('%s is a NOK', async (_, line, sip) => {
    const app = await authenticated();
    expect(await app.ask(line, sip)).toMatch(/^1\|NOK\|.+/);
    expect(await app.ask('2|ping')).toBe('2|OK|pong');
    expect(server.stats().defects).toBe(0);
  });

  it('what is not supported is logged by its name', async () => {
    const app = await authenticated();
    await app.ask('1|proxy|t');
    expect(logged).toContainEqual({ event: 'sip.unsupported_command', fields: { command: 'proxy' } });
  });

  it('a stream out of step ends its connection, not the server', async () => {
    const app = await authenticated();
    app.socket.write('hello there#');
    await once(app.socket, 'close');
    await stillServes();
  });

  it('any line, and any SIP below it, gets an answer', async () => {
    const app = await authenticated();
    const text = fc.string({ maxLength: 60, unit: 'binary-ascii' });
    for (const [line, sip] of fc.sample(fc.tuple(text, text), 200)) {
      const safe = line.replace(/[\r\n|]/g, '');
      expect(await app.ask(`${safe}|sip|${safe}|${safe}\r\n`, sip)).toContain('|NOK|');
    }
    expect(server.stats().defects).toBe(0);
  });
});
