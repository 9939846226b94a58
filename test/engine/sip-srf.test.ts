import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { SipResponse } from '../../src/embedded/sip/message/message.ts';
import { connectApp, routed, type App, type Req } from './support/sip-app.ts';
import { FarCall, FarEnd, reply, sdp } from './support/sip-far-end.ts';

/** drachtio-srf, unchanged, against the embedded server; T1 is short so that every timer is seen to fire. */
const timers = { t1: 15, t2: 60, t4: 40 };
let server: SipServer;
let srf: App;
const open: { close(): void }[] = [];
const apps = new Set<App>();

const port = (transport: 'udp' | 'tcp') => server.listening.find((one) => one.transport === transport)!.port;
const service = (transport: 'udp' | 'tcp' = 'udp') => `sip:service@127.0.0.1:${port(transport)}`;

async function app(): Promise<App> {
  const one = await connectApp(server.control, 'cymru');
  apps.add(one);
  return one;
}

function leave(one: App): void {
  one.disconnect();
  apps.delete(one);
}

async function farEnd(protocol: 'udp' | 'tcp' = 'udp'): Promise<FarEnd> {
  for (const one of apps) await routed(one);
  const end = await FarEnd[protocol](port(protocol));
  open.push(end);
  return end;
}

/** Everything that a call held is released, whichever way it ended. */
async function released(): Promise<void> {
  const zero = {
    clientTransactions: 0,
    serverTransactions: 0,
    dialogs: 0,
    timers: 0,
    asked: 0,
    sent: 0,
    defects: 0,
  };
  await expect.poll(() => server.stats(), { timeout: 10_000, interval: 50 }).toMatchObject(zero);
}

beforeEach(async () => {
  server = await startSipServer({
    listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'],
    control: { host: '127.0.0.1', port: 0 },
    secret: 'cymru',
    timers,
  });
  srf = await app();
});

afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  for (const one of apps) leave(one);
  await server.close();
});

describe.each(['udp', 'tcp'] as const)('a call from the network over %s', (transport) => {
  it('is answered and ended by the caller', async () => {
    const ended = new Promise<void>((resolve) => {
      srf.invite(async (req, res) => {
        expect(req.callingNumber).toBe('far');
        const dialog = await srf.createUAS(req, res, { localSdp: sdp });
        dialog.on('destroy', () => resolve());
      });
    });
    const call = new FarCall(await farEnd(transport), service(transport));
    call.invite();
    const ok = await call.end.response(200);
    expect(ok.body.toString()).toBe(sdp);
    expect(ok.contact?.uri).toContain(`127.0.0.1:${port(transport)}`);
    call.ack(ok);
    call.request('BYE');
    expect((await call.end.response(200, 'BYE')).callId).toBe(call.callId);
    await ended;
    await released();
  });

  it('is answered and ended by the app', async () => {
    srf.invite(async (req, res) => {
      const dialog = await srf.createUAS(req, res, { localSdp: sdp });
      dialog.on('ack', () => dialog.destroy());
    });
    const call = new FarCall(await farEnd(transport), service(transport));
    call.invite();
    call.ack(await call.end.response(200));
    const bye = await call.end.request('BYE');
    expect(bye.toTag).toBe(call.fromTag);
    call.end.send(reply(call.end, bye, '200 OK'));
    await released();
  });

  it('is cancelled while it rings', async () => {
    const cancelled = new Promise<void>((resolve) => {
      srf.invite((req, res) => {
        req.on('cancel', () => resolve());
        res.send(180);
      });
    });
    const call = new FarCall(await farEnd(transport), service(transport));
    call.invite();
    await call.end.response(180);
    call.cancel();
    await call.end.response(200, 'CANCEL');
    call.ack(await call.end.response(487));
    await cancelled;
    await released();
  });
});

describe('a call from the network', () => {
  it('is cancelled before the app has said anything', async () => {
    const late = new Promise<string>((resolve) => {
      srf.invite((req, res) => {
        req.on('cancel', () => {
          res.send(200, { body: sdp }, (error: unknown) => resolve(String(error)));
        });
      });
    });
    const call = new FarCall(await farEnd(), service());
    call.invite();
    await call.end.response(100);
    call.cancel();
    call.ack(await call.end.response(487));
    expect(await late).toContain('unknown transaction');
    await released();
  });

  it('is one call however often its INVITE comes, and its 200 is repeated until the ACK', async () => {
    let calls = 0;
    srf.invite(async (req, res) => {
      calls += 1;
      await srf.createUAS(req, res, { localSdp: sdp });
    });
    const call = new FarCall(await farEnd(), service());
    const invite = call.invite();
    call.end.send(invite);
    const ok = await call.end.response(200);
    call.end.send(invite);
    await call.end.response(200);
    await call.end.response(200);
    call.ack(ok);
    call.request('BYE');
    await call.end.response(200, 'BYE');
    expect(calls).toBe(1);
    await released();
  });

  it('ends with a BYE of the server where its ACK is lost', async () => {
    const told = new Promise<string>((resolve) => {
      srf.invite(async (req, res) => {
        const dialog = await srf.createUAS(req, res, { localSdp: sdp });
        dialog.on('destroy', (bye) => resolve(bye.get('Reason')));
      });
    });
    const call = new FarCall(await farEnd(), service());
    call.invite();
    const bye = await call.end.request('BYE');
    call.end.send(reply(call.end, bye, '200 OK'));
    expect(await told).toContain('ACK timeout');
    await released();
  });

  it('carries the answer in the ACK where the INVITE had no offer', async () => {
    const answered = new Promise<string>((resolve) => {
      srf.invite(async (req, res) => {
        const dialog = await srf.createUAS(req, res, { localSdp: sdp });
        dialog.on('ack', (ack) => resolve(ack.body));
      });
    });
    const call = new FarCall(await farEnd(), service());
    call.invite('');
    call.ack(await call.end.response(200), sdp.replace('40000', '40002'));
    expect(await answered).toContain('40002');
    call.request('BYE');
    await call.end.response(200, 'BYE');
    await released();
  });

  it('is held and resumed by re-INVITE, and takes INFO both ways', async () => {
    const bodies: string[] = [];
    srf.invite(async (req, res) => {
      const dialog = await srf.createUAS(req, res, { localSdp: sdp });
      dialog.on('modify', (again, answer) => {
        bodies.push(again.body);
        answer.send(200, { body: sdp });
      });
      dialog.on('info', async (info, answer) => {
        bodies.push(info.body);
        answer.send(200);
        await dialog.request({ method: 'INFO', headers: { 'Content-Type': 'text/plain' }, body: 'back' });
      });
    });
    const call = new FarCall(await farEnd(), service());
    call.invite();
    call.ack(await call.end.response(200));
    call.invite(sdp.replace('t=0 0', 't=0 0\r\na=sendonly'));
    call.ack(await call.end.response(200, 'INVITE'));
    call.request('INFO', 'Signal=5');
    await call.end.response(200, 'INFO');
    const info = await call.end.request('INFO');
    expect(info.body.toString()).toBe('back');
    call.end.send(reply(call.end, info, '200 OK'));
    expect(bodies).toEqual([expect.stringContaining('sendonly'), 'Signal=5']);
    call.request('BYE');
    await call.end.response(200, 'BYE');
    await released();
  });

  it('is hung up by both at once', async () => {
    srf.invite(async (req, res) => {
      const dialog = await srf.createUAS(req, res, { localSdp: sdp });
      dialog.on('ack', () => void dialog.destroy());
    });
    const call = new FarCall(await farEnd(), service());
    call.invite();
    call.ack(await call.end.response(200));
    const bye = await call.end.request('BYE');
    call.request('BYE');
    const answered = await call.end.next(
      (message) => message.kind === 'response' && message.cseq?.method === 'BYE',
    );
    expect(answered).toBeInstanceOf(SipResponse);
    call.end.send(reply(call.end, bye, '481 Gone'));
    await released();
  });

  it('that is hung up before it is answered counts as cancelled', async () => {
    const cancelled = new Promise<void>((resolve) => {
      srf.invite((req, res) => {
        req.on('cancel', () => resolve());
        res.send(180);
      });
    });
    const call = new FarCall(await farEnd(), service());
    call.invite();
    call.toTag = (await call.end.response(180)).toTag!;
    call.request('BYE');
    await call.end.response(200, 'BYE');
    call.seq -= 1;
    call.ack(await call.end.response(487));
    await cancelled;
    await released();
  });

  it('from behind NAT is answered and ended at the address that it came from', async () => {
    srf.invite(async (req, res) => {
      const dialog = await srf.createUAS(req, res, { localSdp: sdp });
      dialog.on('ack', () => void dialog.destroy());
    });
    const call = new FarCall(await farEnd(), service());
    const text = call.text('INVITE', sdp, [], 'z9hG4bK-nat').replaceAll(call.end.place, '192.0.2.7:5060');
    call.end.send(text.replace('CSeq: 0', 'CSeq: 1'));
    call.seq = 1;
    const ok = await call.end.response(200);
    expect(ok.topVia!.params.get('received')).toBe('127.0.0.1');
    expect(ok.topVia!.params.get('rport')).toBe(String(call.end.port));
    call.ack(ok);
    const bye = await call.end.request('BYE');
    expect(bye.uri).toContain('192.0.2.7');
    call.end.send(reply(call.end, bye, '200 OK'));
    await released();
  });

  it('is refused with 503 where no app is there, wants its method, or stays', async () => {
    const call = new FarCall(await farEnd(), service());
    call.invite();
    call.ack(await call.end.response(503));
    const leaving = await app();
    const asked = new Promise<void>((resolve) => leaving.invite(() => resolve()));
    await routed(leaving);
    const other = new FarCall(call.end, service());
    other.invite();
    await asked;
    leave(leaving);
    other.ack(await other.end.response(503));
    await released();
  });

  it('that its app leaves unanswered without a word gets 480, and the app is told; one that rings goes on', async () => {
    const cancelled = new Promise<string>((resolve) => {
      srf.invite((req, res) => {
        if (req.get('Subject') === 'ring') res.send(180);
        req.on('cancel', () =>
          res.send(486, {}, (error) => resolve(`${req.get('Subject')}: ${String(error)}`)),
        );
      });
    });
    const [ringing, silent] = [
      new FarCall(await farEnd(), service()),
      new FarCall(await farEnd(), service()),
    ];
    ringing.invite(sdp, ['Subject: ring']);
    silent.invite(sdp, ['Subject: silence']);
    await ringing.end.response(180);
    silent.ack(await silent.end.response(480));
    expect(await cancelled).toMatch(/^silence: .*unknown transaction/);
    expect(ringing.end.seen.map((one) => one.kind === 'response' && one.status)).toEqual([100, 180]);
    ringing.cancel();
    ringing.ack(await ringing.end.response(487));
    await released();
  });

  it('goes to each of two apps in turn', async () => {
    const second = await app();
    const takers: string[] = [];
    srf.invite((_, res) => {
      takers.push('first');
      res.send(486);
    });
    second.invite((_, res) => {
      takers.push('second');
      res.send(486);
    });
    const end = await farEnd();
    for (let i = 0; i < 4; i++) {
      const call = new FarCall(end, service());
      call.invite();
      call.ack(await end.response(486));
    }
    expect(takers.sort()).toEqual(['first', 'first', 'second', 'second']);
    await released();
  });
});

describe('a call from the app', () => {
  it.each(['udp', 'tcp'] as const)(
    'is answered, modified and ended by the app over %s',
    async (transport) => {
      const end = await farEnd(transport);
      const uri = `sip:bob@${end.place}${transport === 'tcp' ? ';transport=tcp' : ''}`;
      const calling = srf.createUAC(uri, {
        localSdp: sdp,
        headers: { From: '"Me" <sip:1000@localhost>', 'X-Own': 'yes' },
      });
      const invite = await end.request('INVITE');
      expect(invite.from).toMatchObject({ display: '"Me"', uri: `sip:1000@127.0.0.1:${port(transport)}` });
      expect(invite.headers.get('x-own')).toBe('yes');
      end.send(reply(end, invite, '180 Ringing'));
      end.send(reply(end, invite, '200 OK', sdp));
      const dialog = await calling;
      await end.request('ACK');
      end.send(reply(end, invite, '200 OK', sdp));
      await end.request('ACK');
      const modifying = dialog.modify(sdp);
      const again = await end.request('INVITE');
      expect(again.cseq!.seq).toBe(invite.cseq!.seq + 1);
      end.send(reply(end, again, '200 OK', sdp));
      await modifying;
      await end.request('ACK');
      void dialog.destroy();
      end.send(reply(end, await end.request('BYE'), '200 OK'));
      await released();
    },
  );

  it('goes by Record-Route, in dialog', async () => {
    const end = await farEnd();
    const calling = srf.createUAC(`sip:bob@${end.place}`, { localSdp: sdp });
    const invite = await end.request('INVITE');
    const routes = [`Record-Route: <sip:${end.place};lr;n=2>, <sip:${end.place};lr;n=1>`];
    end.send(
      reply(end, invite, '200 OK', sdp, routes).replace(/Contact: .*/, 'Contact: <sip:bob@192.0.2.1>'),
    );
    const dialog = await calling;
    const ack = await end.request('ACK');
    expect(ack.headers.list('route')).toEqual([`<sip:${end.place};lr;n=1>`, `<sip:${end.place};lr;n=2>`]);
    expect(ack.uri).toBe('sip:bob@192.0.2.1');
    void dialog.destroy();
    end.send(reply(end, await end.request('BYE'), '200 OK'));
    await released();
  });

  it('is ended by the far end', async () => {
    const end = await farEnd();
    const calling = srf.createUAC(`sip:bob@${end.place}`, { localSdp: sdp });
    const invite = await end.request('INVITE');
    end.send(reply(end, invite, '200 OK', sdp));
    const dialog = await calling;
    const ended = new Promise<void>((resolve) => dialog.once('destroy', resolve));
    await end.request('ACK');
    const call = new FarCall(end, invite.contact!.uri);
    call.request('BYE');
    expect((await end.response(481, 'BYE')).status).toBe(481);
    const bye = call
      .text('BYE', '', [], 'z9hG4bK-bye')
      .replace(/From: .*/, `From: ${invite.headers.get('to')};tag=far-uas`)
      .replace(/To: .*/, `To: ${invite.headers.get('from')}`)
      .replace(/Call-ID: .*/, `Call-ID: ${invite.callId}`);
    end.send(bye);
    await end.response(200, 'BYE');
    await ended;
    await released();
  });

  it('is cancelled', async () => {
    const end = await farEnd();
    const { calling, request } = dial(end);
    const refused = expect(calling).rejects.toMatchObject({ status: 487 });
    const invite = await end.request('INVITE');
    end.send(reply(end, invite, '180 Ringing'));
    (await request).cancel();
    end.send(reply(end, await end.request('CANCEL'), '200 OK'));
    end.send(reply(end, invite, '487 Request Terminated'));
    await end.request('ACK');
    await refused;
    await released();
  });

  it('that is answered while it is cancelled is acknowledged and hung up', async () => {
    const end = await farEnd();
    const { calling, request } = dial(end);
    const invite = await end.request('INVITE');
    end.send(reply(end, invite, '180 Ringing'));
    (await request).cancel();
    const cancelled = await end.request('CANCEL');
    end.send(reply(end, invite, '200 OK', sdp));
    end.send(reply(end, cancelled, '481 No'));
    await calling;
    await end.request('ACK');
    end.send(reply(end, await end.request('BYE'), '200 OK'));
    await released();
  });

  it('fails with 408 where nobody answers', async () => {
    const end = await farEnd();
    await expect(srf.createUAC(`sip:bob@${end.place}`, { localSdp: sdp })).rejects.toMatchObject({
      status: 408,
      // As a drachtio server says that nobody sent it.
      res: { source_address: '' },
    });
    expect(end.seen.length).toBeGreaterThan(4);
    await released();
  });

  it('answers a digest challenge with the same Call-ID and the next CSeq', async () => {
    const end = await farEnd();
    const calling = srf.createUAC(`sip:bob@${end.place}`, {
      localSdp: sdp,
      headers: { Contact: 'sip:1000@localhost' },
      auth: { username: 'alice', password: 'secret' },
    });
    const first = await end.request('INVITE');
    const challenge = 'Proxy-Authenticate: Digest realm="far", nonce="n1", qop="auth", algorithm=MD5';
    end.send(reply(end, first, '407 Proxy Authentication Required', '', [challenge]));
    await end.request('ACK');
    const second = await end.request('INVITE');
    expect(second.callId).toBe(first.callId);
    expect(second.fromTag).toBe(first.fromTag);
    expect(second.cseq!.seq).toBe(first.cseq!.seq + 1);
    expect(second.headers.list('contact')).toHaveLength(1);
    expect(digestHolds(second.headers.get('proxy-authorization')!, 'INVITE')).toBe(true);
    end.send(reply(end, second, '200 OK', sdp));
    const dialog = await calling;
    await end.request('ACK');
    void dialog.destroy();
    end.send(reply(end, await end.request('BYE'), '200 OK'));
    await released();
  });

  it('is cancelled, or hung up when answered, where its app has gone', async () => {
    const leaving = await app();
    const end = await farEnd();
    leaving.createUAC(`sip:bob@${end.place}`, { localSdp: sdp }).catch(() => undefined);
    const invite = await end.request('INVITE');
    end.send(reply(end, invite, '180 Ringing'));
    leave(leaving);
    const cancel = await end.request('CANCEL');
    end.send(reply(end, invite, '200 OK', sdp));
    end.send(reply(end, cancel, '481 No'));
    await end.request('ACK');
    end.send(reply(end, await end.request('BYE'), '200 OK'));
    await released();
  });

  it('of more than a datagram goes by TCP, or by UDP after all where TCP is refused', async () => {
    const end = await farEnd();
    const long = { 'X-Long': 'x'.repeat(1_400) };
    const calling = srf.createUAC(`sip:bob@${end.place}`, { localSdp: sdp, headers: long });
    const invite = await end.request('INVITE');
    expect(invite.topVia!.protocol).toBe('UDP');
    end.send(reply(end, invite, '486 Busy Here'));
    await expect(calling).rejects.toMatchObject({ status: 486 });
    await released();
  });

  it('to an unknown place, or of garbage, is refused without harm', async () => {
    await expect(srf.createUAC('sip:bob@[::', { localSdp: sdp })).rejects.toThrow('invalid');
    await expect(srf.createUAC('sips:bob@127.0.0.1', { localSdp: sdp })).rejects.toThrow('not available');
    await expect(srf.createUAC(service(), { localSdp: sdp })).rejects.toThrow('myself');
    await released();
  });
});

describe('OPTIONS', () => {
  it('goes both ways', async () => {
    srf.options((_, res) => res.send(200, { headers: { Allow: 'INVITE' } }));
    const end = await farEnd();
    const call = new FarCall(end, service());
    call.request('OPTIONS');
    expect((await end.response(200)).headers.get('allow')).toBe('INVITE');
    const asking = srf.request(`sip:${end.place}`, { method: 'OPTIONS' });
    const options = await end.request('OPTIONS');
    end.send(reply(end, options, '200 OK'));
    const [response] = await once(await asking, 'response');
    expect(response.status).toBe(200);
    await released();
  });
});

/** A call of the app, and its request, which can be cancelled. */
function dial(end: FarEnd) {
  let calling: Promise<unknown> = Promise.resolve();
  const request = new Promise<Req>((resolve) => {
    const cbRequest = (_: unknown, sent: Req) => resolve(sent);
    calling = srf.createUAC(`sip:bob@${end.place}`, { localSdp: sdp }, { cbRequest });
  });
  return { calling, request };
}

function digestHolds(header: string, method: string): boolean {
  const field = (name: string) => new RegExp(`[ ,]${name}="?([^",]+)`).exec(header)![1]!;
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const ha1 = md5(`alice:${field('realm')}:secret`);
  const ha2 = md5(`${method}:${field('uri')}`);
  return (
    md5([ha1, field('nonce'), field('nc'), field('cnonce'), field('qop'), ha2].join(':')) ===
    field('response')
  );
}
