import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drachtio } from '../support/engines.ts';
import { talk, useSwitch } from '../support/stage.ts';

const stage = useSwitch({
  buyers: { sunrise: {}, overTcp: {} },
  trunks: { overTcp: { transport: 'tcp' } },
  campaigns: {
    direct: { routing: { routes: [{ buyer: 'sunrise' }] } },
    anchored: { media: 'anchored', routing: { routes: [{ buyer: 'sunrise' }] } },
    overTcp: { media: 'anchored', routing: { routes: [{ buyer: 'overTcp' }] } },
  },
});

describe('UDP and TCP', () => {
  test.each([
    { from: 'tcp', to: 'udp', campaign: 'anchored', buyer: 'sunrise' },
    { from: 'udp', to: 'tcp', campaign: 'overTcp', buyer: 'overTcp' },
    { from: 'tcp', to: 'tcp', campaign: 'overTcp', buyer: 'overTcp' },
  ] as const)('a caller over $from, a buyer over $to', async ({ from, to, campaign, buyer: id }) => {
    const buyer = await stage.buyer(id, 'buyer-answers', { transport: to });
    const caller = await stage.caller('caller-talks-a-while', { campaign, transport: from, pause: 2500 });
    const invite = await buyer.hears('INVITE');
    expect(invite.headers.get('via')).toMatch(to === 'tcp' ? /^SIP\/2\.0\/TCP / : /^SIP\/2\.0\/UDP /);
    await caller.hears(200);
    await talk(caller, buyer);
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(await stage.record(caller)).toMatchObject({
      outcome: 'connected',
      cause: 'caller_hangup',
      revenue: '45.00',
      payout: '30.00',
    });
  });
});

test('retransmitted INVITE makes one call', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers-on-cue');
  const caller = await stage.caller('caller-repeats-invite', { campaign: 'direct' });
  const repeated = () =>
    caller.sip.messages.filter((one) => one.method === 'INVITE' && one.direction === 'sent');
  await caller.sip.message(() => repeated().length >= 3, 'to repeat its INVITE twice');
  await buyer.sip.cue();
  await buyer.hears('INVITE');
  await caller.hears(200);
  await talk(caller, buyer, 200);
  expect((await stage.switch.metrics()).get('tollbridge_live_calls')).toBe(1);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(buyer.sip.heard('INVITE')).toHaveLength(1);
  expect((await stage.record(caller)).attempts).toHaveLength(1);
});

test('lost ACK of ours: the buyer repeats its 200 and is acknowledged again', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-repeats-answer');
  const caller = await stage.caller('caller-talks', { campaign: 'direct' });
  await caller.hears(200);
  await buyer.sip.received('ACK');
  await buyer.sip.cue();
  await buyer.sip.message(() => buyer.sip.heard('ACK').length >= 2, 'a second ACK');
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(await stage.record(caller)).toMatchObject({ outcome: 'connected' });
});

test('lost ACK of the caller: the 200 is repeated for 32 s, then both legs are hung up', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers', { withinMs: 50_000 });
  const caller = await stage.caller('caller-never-acknowledges', { campaign: 'direct', withinMs: 50_000 });
  await Promise.all([caller.sip.done(45_000), buyer.sip.done(45_000)]);
  expect(caller.sip.heard(200).length, 'the 200, and its repetitions').toBeGreaterThan(5);
  expect(await stage.record(caller)).toMatchObject({ cause: 'no_ack' });
});

describe('malformed SIP gets 400 or is dropped, is counted, and never ends the process', () => {
  const good = (line: string) =>
    [
      line,
      'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-bad',
      'From: <sip:+12145550001@127.0.0.1>;tag=bad',
      'To: <sip:+18005550100@127.0.0.1>',
      'Call-ID: bad@127.0.0.1',
      'CSeq: 1 INVITE',
      'Max-Forwards: 70',
      'Content-Length: 0',
    ].join('\r\n');
  const torture: Record<string, string | Buffer> = {
    noise: Buffer.from(Array.from({ length: 400 }, (_, n) => (n * 73 + 11) & 0xff)),
    'no headers': 'INVITE sip:+18005550100@127.0.0.1 SIP/2.0\r\n\r\n',
    'no end of headers': 'INVITE sip:+18005550100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1',
    'another version': `${good('INVITE sip:+18005550100@127.0.0.1 SIP/7.0')}\r\n\r\n`,
    'no URI': `${good('INVITE SIP/2.0')}\r\n\r\n`,
    'a CSeq of another method': `${good('BYE sip:+18005550100@127.0.0.1 SIP/2.0')}\r\n\r\n`,
    'a CSeq that is no number': `${good('INVITE sip:+18005550100@127.0.0.1 SIP/2.0').replace('CSeq: 1', 'CSeq: one')}\r\n\r\n`,
    'more body promised than sent': `${good('INVITE sip:+18005550100@127.0.0.1 SIP/2.0').replace('Content-Length: 0', 'Content-Length: 9999')}\r\n\r\nv=0`,
    'a negative length': `${good('INVITE sip:+18005550100@127.0.0.1 SIP/2.0').replace('Content-Length: 0', 'Content-Length: -999')}\r\n\r\n`,
    'no Call-ID': `${good('INVITE sip:+18005550100@127.0.0.1 SIP/2.0').replace(/Call-ID: .*\r\n/, '')}\r\n\r\n`,
    'a status without a number': `${good('SIP/2.0 OK')}\r\n\r\n`,
    'a header of 40 kB': `${good('INVITE sip:+18005550100@127.0.0.1 SIP/2.0')}\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
    'SDP that is none': `${good('INVITE sip:+18005550100@127.0.0.1 SIP/2.0').replace('Content-Length: 0', 'Content-Type: application/sdp\r\nContent-Length: 6')}\r\n\r\nm=what`,
  };

  test.each(Object.keys(torture))('over UDP: %s', async (name) => {
    const socket = createSocket('udp4');
    onTestFinished(() => void socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(data.toString().split('\r\n')[0] ?? ''));
    const text = torture[name]!;
    const bytes = Buffer.from(
      typeof text === 'string'
        ? text.replaceAll('127.0.0.1:9;', `127.0.0.1:${socket.address().port};`)
        : text,
    );
    await new Promise((sent) => socket.send(bytes, stage.switch.sip.port, stage.switch.sip.host, sent));
    // An OPTIONS behind it on the same socket: its answer shows that the bad one was dealt with, and the switch lives.
    const options = [
      `OPTIONS sip:${stage.switch.sip.host}:${stage.switch.sip.port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bK-ping-${name.replaceAll(' ', '-')}`,
      'From: <sip:probe@127.0.0.1>;tag=probe',
      'To: <sip:switch@127.0.0.1>',
      `Call-ID: ping-${name.replaceAll(' ', '-')}`,
      'CSeq: 7 OPTIONS',
      'Max-Forwards: 70',
      'Content-Length: 0',
    ].join('\r\n');
    const pinged = new Promise<string>((resolve) => {
      socket.on('message', (data) => {
        if (data.includes('CSeq: 7 OPTIONS')) resolve(data.toString());
      });
    });
    socket.send(`${options}\r\n\r\n`, stage.switch.sip.port, stage.switch.sip.host);
    expect(await pinged, 'a carrier’s OPTIONS').toMatch(/^SIP\/2\.0 200 /);
    for (const answer of answers)
      expect(answer).toMatch(/^SIP\/2\.0 (100|200|400|404|405|413|481|482|488|501|505|513) /);
  });

  // A drachtio server keeps no such count.
  test.runIf(drachtio === null)('they were counted', async () => {
    expect((await stage.switch.metrics()).get('tollbridge_sip_malformed_total')).toBeGreaterThan(0);
  });

  test('over TCP: noise, then a call', async () => {
    const socket = connect(stage.switch.sip.port, stage.switch.sip.host);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 73 + 11) & 0xff)));
    // A drachtio server leaves its half of the connection open until its own time is up.
    if (drachtio === null) await closed;
    else onTestFinished(() => void socket.destroy());
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { campaign: 'direct' });
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    expect(await stage.record(caller)).toMatchObject({ outcome: 'connected' });
  });
});
