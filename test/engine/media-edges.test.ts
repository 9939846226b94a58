import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startMediaServer,
  type MediaServer,
  type MediaServerOptions,
} from '../../src/embedded/media/server.ts';
import { isTrusted } from '../../src/embedded/media/signalling/origin.ts';
import {
  Headers,
  newRequest,
  SipStack,
  type Channel,
  type Protocol,
  type OutgoingRequest,
  type SipResponse,
} from '../../src/embedded/sip/stack.ts';

const loopback = { host: '127.0.0.1', port: 0 };
const offer =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
let media: MediaServer;
let stack: SipStack;
let log: string[];
const sockets: Socket[] = [];

async function start(options: Partial<MediaServerOptions> = {}): Promise<void> {
  log = [];
  media = await startMediaServer({
    sip: loopback,
    eventSocket: loopback,
    secret: 's3cret',
    trust: stack.listening,
    rtp: { host: '127.0.0.1' },
    log: (_level, event) => log.push(event),
    ...options,
  });
}

beforeEach(async () => {
  stack = await SipStack.open({
    listen: [{ protocol: 'udp', ...loopback }],
    request: (one) => void one.respond(200),
  });
  await start();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await media.close();
  await stack.close();
});

interface Asked {
  readonly answer: Promise<SipResponse>;
  readonly outgoing: OutgoingRequest;
}

function ask(method: string, headers: Record<string, string> = {}, body = ''): Asked {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) all.append(name, value);
  const uri = `sip:drachtio@127.0.0.1:${media.sip.port}`;
  const content = body === '' ? {} : { body, contentType: 'application/sdp' };
  let outgoing: OutgoingRequest | undefined;
  const answer = new Promise<SipResponse>((resolve) => {
    const request = newRequest({ method, uri, from: 'sip:test@127.0.0.1', headers: all, ...content });
    const sent = stack.send(request, {
      response: (response, dialog) => {
        if (response.status < 200) return;
        dialog?.acknowledge(response.cseq!.seq);
        resolve(response);
      },
    });
    if (sent.ok) outgoing = sent.outgoing;
  });
  return { answer, outgoing: outgoing! };
}

const fsmrf = { 'User-Agent': 'drachtio-fsmrf:1234', 'X-esl-outbound': '127.0.0.1:9' };

describe('an INVITE', () => {
  it.each([
    ['of anybody but fsmrf', { 'User-Agent': 'a phone' }, offer, 403],
    ['without a User-Agent', {}, offer, 403],
    ['without a controller', { 'User-Agent': 'drachtio-fsmrf:1234' }, offer, 404],
    ['with a controller that is no address', { ...fsmrf, 'X-esl-outbound': 'nowhere' }, offer, 404],
    ['without a common codec', fsmrf, offer.replace('AVP 0', 'AVP 18'), 488],
    ['with encryption', fsmrf, offer.replace('RTP/AVP', 'RTP/SAVP'), 488],
    ['with a body that is no description', fsmrf, 'hello', 400],
    ['with a port past 65535', fsmrf, offer.replace('4000', '70000'), 400],
    ['with a port that is no number', fsmrf, offer.replace('4000', 'NaN'), 400],
    ['with port 0', fsmrf, offer.replace('4000', '0'), 488],
    ['with a payload type past 127', fsmrf, offer.replace('AVP 0', 'AVP 300\r\na=rtpmap:300 PCMU/8000'), 488],
    ['with a controller at a port past 65535', { ...fsmrf, 'X-esl-outbound': '127.0.0.1:70000' }, offer, 404],
    ['with a controller at port 0', { ...fsmrf, 'X-esl-outbound': '127.0.0.1:0' }, offer, 404],
  ])('%s is refused with its status', async (_what, headers, body, status) => {
    expect((await ask('INVITE', headers, body).answer).status).toBe(status);
    expect(media.stats()).toMatchObject({ channels: 0, rtpSockets: 0, defects: 0 });
  });

  it('from any socket but those of the SIP server is refused, whatever it says', async () => {
    const trusted = stack;
    stack = await SipStack.open({
      listen: [{ protocol: 'udp', ...loopback }],
      request: (one) => void one.respond(200),
    });
    expect((await ask('INVITE', fsmrf, offer).answer).status).toBe(403);
    await stack.close();
    stack = trusted;
    expect(log).toEqual(['media.stranger']);
    expect(media.stats()).toMatchObject({ channels: 0, rtpSockets: 0, eventSockets: 0, sipDialogs: 0 });
    // A connection comes from any port: it shows nobody, and is not taken.
    await expect(once(connect(media.sip.port, media.sip.host), 'connect')).rejects.toThrow('ECONNREFUSED');
  });

  it('is known by the address of its socket, by the port alone where that has every address', () => {
    const from = (host: string, port: number, protocol: Protocol = 'udp') =>
      ({ protocol, local: { host: '127.0.0.1', port: 4060 }, remote: { host, port } }) as Channel;
    const at = (host: string, transport: Protocol = 'udp') => [{ transport, host, port: 5060 }];
    expect(isTrusted(from('127.0.0.1', 5060), at('127.0.0.1'))).toBe(true);
    expect(isTrusted(from('192.0.2.1', 5060), at('192.0.2.1'))).toBe(true);
    expect(isTrusted(from('127.0.0.1', 5060), at('0.0.0.0'))).toBe(true);
    expect(isTrusted(from('127.0.0.1', 5061), at('127.0.0.1'))).toBe(false);
    expect(isTrusted(from('127.0.0.1', 5060), at('192.0.2.1'))).toBe(false);
    expect(isTrusted(from('192.0.2.9', 5060), at('0.0.0.0'))).toBe(false);
    expect(isTrusted(from('127.0.0.1', 5060), at('127.0.0.1', 'tcp'))).toBe(false);
    expect(isTrusted(from('127.0.0.1', 5060, 'tcp'), at('127.0.0.1'))).toBe(false);
    expect(isTrusted(from('127.0.0.1', 5060), [])).toBe(false);
  });

  it('whose controller cannot be reached is answered and hung up', async () => {
    expect((await ask('INVITE', fsmrf, offer).answer).status).toBe(200);
    await expect
      .poll(() => media.stats())
      .toMatchObject({ channels: 0, rtpSockets: 0, eventSockets: 0, sipDialogs: 0 });
    expect(log).toEqual(['media.controller_lost']);
  });

  it('gets 503 when no RTP port is free', async () => {
    await media.close();
    const taken = createSocket('udp4').bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address();
    const even = port - (port % 2);
    await start({ rtp: { host: '127.0.0.1', portMin: even, portMax: even + 1 } });
    const other = createSocket('udp4');
    if (even !== port) {
      other.bind(even, '127.0.0.1');
      await once(other, 'listening');
    }
    expect((await ask('INVITE', fsmrf, offer).answer).status).toBe(503);
    expect(log).toEqual(['media.no_rtp_port']);
    taken.close();
    other.close();
  });
});

describe('other requests', () => {
  it('OPTIONS is answered, what is not known refused', async () => {
    expect((await ask('OPTIONS').answer).status).toBe(200);
    expect((await ask('REGISTER').answer).status).toBe(405);
  });
});

class Line {
  readonly #socket: Socket;
  #text = '';
  closed = false;

  constructor() {
    this.#socket = connect(media.eventSocket.port, media.eventSocket.host);
    this.#socket.on('data', (data) => (this.#text += data.toString()));
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', () => (this.closed = true));
    sockets.push(this.#socket);
  }

  send(text: string | Buffer): this {
    this.#socket.write(text);
    return this;
  }

  async said(what: string | RegExp): Promise<string> {
    await expect.poll(() => this.#text, { timeout: 3000, interval: 5 }).toMatch(what);
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

describe('the event socket', () => {
  it('says nothing to whoever does not know the secret', async () => {
    const line = new Line();
    await line.said('auth/request');
    line.send('api status\n\n');
    await line.said('-ERR command not found');
    line.send('auth wrong\n\n');
    await line.said('-ERR invalid');
    await expect.poll(() => line.closed).toBe(true);
    expect(log).toEqual(['media.wrong_secret']);
  });

  it('answers commands in their order, however they are cut into packets', async () => {
    const line = new Line();
    for (const piece of [
      'auth s3c',
      'ret\n',
      '\napi uuid_exists x\n\napi global_',
      'getvar local_ip_v4\r\n\r\n',
      '\n\nfoo\n\n',
    ]) {
      line.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const text = await line.said('-ERR command not found');
    const order = ['auth/request', '+OK accepted', 'false', '127.0.0.1', '-ERR command not found'].map(
      (one) => text.indexOf(one),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThanOrEqual(0);
    expect(log).toEqual(['media.unsupported_command']);
  });

  it('runs jobs in the background, and tells their results in plain and in JSON', async () => {
    const [plain, json] = [new Line(), new Line()];
    plain.send('auth s3cret\n\nevent plain BACKGROUND_JOB\n\n');
    json.send('auth s3cret\n\nevent json ALL\n\n');
    await plain.said('enabled plain');
    await json.said('enabled json');
    plain.send('bgapi uuid_exists nobody\nJob-UUID: job-1\n\n');
    const told = await plain.said(/false$/);
    expect(told).toContain('Reply-Text: +OK Job-UUID: job-1');
    expect(told).toMatch(/Content-Type: text\/event-plain\n\nEvent-Name: BACKGROUND_JOB\n/);
    expect(await json.said('_body')).toContain('"Job-Command":"uuid_exists"');
    plain.send('noevents\n\nbgapi status\n\nnixevent X\n\n');
    expect(await plain.said('events nixed')).not.toContain('BACKGROUND_JOB');
  });

  it('filters by header, and takes filters back', async () => {
    const line = new Line().send('auth s3cret\n\nevent plain BACKGROUND_JOB\n\nfilter Job-UUID other\n\n');
    await line.said('filter added');
    line.send('bgapi status\nJob-UUID: mine\n\nfilter delete Job-UUID\n\n');
    expect(await line.said('filter deleted')).not.toContain('Event-Name');
    line.send('bgapi status\nJob-UUID: mine\n\n');
    await line.said('Event-Name: BACKGROUND_JOB');
  });

  it('refuses messages to channels that are not there', async () => {
    const line = new Line().send(
      'auth s3cret\n\nsendmsg nobody\ncall-command: execute\nexecute-app-name: park\n\n',
    );
    await line.said('-ERR invalid session id');
    line.send('exit\n\n');
    await line.said('+OK bye');
    await expect.poll(() => line.closed).toBe(true);
  });

  it('hangs up on whoever sends a megabyte that is no command', async () => {
    const line = new Line().send(Buffer.alloc(1_200_000, 'x'));
    await expect.poll(() => line.closed, { timeout: 5000 }).toBe(true);
    expect(media.stats()).toMatchObject({ eventSockets: 0, defects: 0 });
  });
});

describe('RTP', () => {
  it('that is malformed is dropped and counted, never a reason to fall', async () => {
    const controller = createServer().listen(0, '127.0.0.1');
    await once(controller, 'listening');
    const { port } = controller.address() as AddressInfo;
    controller.once('connection', (socket: Socket) => sockets.push(socket));
    const answer = await ask('INVITE', { ...fsmrf, 'X-esl-outbound': `127.0.0.1:${port}` }, offer).answer;
    const rtpPort = Number(/^m=audio (\d+)/m.exec(answer.body.toString())![1]);
    const head = (first: number, second: number, rest: number) =>
      Buffer.concat([Buffer.from([first, second]), Buffer.alloc(rest, 0xff)]);
    const malformed = [
      Buffer.alloc(0),
      Buffer.alloc(5),
      Buffer.alloc(12),
      head(0x80, 0x80, 0),
      head(0x9f, 0, 20),
      head(0xa0, 0, 12),
      head(0x8f, 0, 11),
      head(0x80, 101, 11),
      head(0x80, 200, 24),
    ];
    const peer = createSocket('udp4');
    for (const datagram of [...malformed, head(0x80, 0, 2000), head(0x80, 0, 60_000)])
      peer.send(datagram, rtpPort, '127.0.0.1');
    const line = new Line().send('auth s3cret\n\napi show channels as json\n\n');
    const uuid = /"uuid":"([^"]+)"/.exec(await line.said('row_count'))![1]!;
    const dropped = async () => {
      line.send(
        `api uuid_set_media_stats ${uuid}\n\napi uuid_getvar ${uuid} rtp_audio_in_flush_packet_count\n\n`,
      );
      return Number(/(\d+)$/.exec(await line.said(/\+OK:\n[^]*\n\n\d+$/))![1]);
    };
    await expect.poll(dropped).toBe(malformed.length);
    expect(media.stats()).toMatchObject({ channels: 1, defects: 0 });
    peer.close();
    controller.close();
  });
});
