/** What is too long for the buffer of a drachtio server must not reach it: it would cost the link, and all calls. */
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import type { Offer, Signalling } from '../../src/signalling/signalling.ts';
import { bufferedAsDrachtio, tell } from './support/drachtio-buffer.ts';
import { impostor, type Impostor } from './support/impostor.ts';

let server: Impostor;
let connection: Socket;
let said: string[];
let logged: string[];
let signalling: Signalling;
let offers: Offer[];

beforeEach(async () => {
  [said, logged, offers] = [[], [], []];
  server = await impostor((socket) => {
    connection = socket;
    bufferedAsDrachtio(socket, said);
  });
  const log = (_level: string, event: string) => void logged.push(event);
  const linked = await connectSignalling({ host: '127.0.0.1', port: server.port, secret: 'cymru', log });
  if (!linked.ok) throw new Error(linked.problem);
  signalling = linked.signalling;
  expect(await signalling.onInvite((offer) => offers.push(offer))).toBe(true);
});
afterEach(async () => {
  await signalling.close();
  server.close();
});

const sdpOf = (bytes: number) => `v=0\r\n${'a=x:0123456789\r\n'.repeat(bytes / 16)}`;

async function offered(name: string, from = 'Far End'): Promise<Offer> {
  const invite = [
    ...['INVITE sip:1@127.0.0.1 SIP/2.0', 'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1'],
    ...[`From: "${from}" <sip:2@127.0.0.1>;tag=1`, 'To: <sip:1@127.0.0.1>', `Call-ID: ${name}`],
    ...['CSeq: 1 INVITE', 'Contact: <sip:2@127.0.0.1:9>', 'Content-Length: 0', '', ''],
  ].join('\r\n');
  const before = offers.length;
  tell(connection, `told|sip|network|0|udp|127.0.0.1|9|10:00:00.000000|${name}||\r\n${invite}`);
  await expect.poll(() => offers.length).toBe(before + 1);
  return offers.at(-1)!;
}

const answersTo = (name: string) => said.filter((one) => one.startsWith(`sip|${name}|`));

it('whoever is refused with a From that long is not answered, and the next one is', async () => {
  (await offered('endless', 'x'.repeat(13_000))).reject(403);
  (await offered('next')).reject(486);
  await expect.poll(() => answersTo('next')).toHaveLength(1);
  expect(answersTo('endless')).toEqual([]);
  expect(signalling.link.aborted).toBe(false);
  expect(logged).toEqual(['signalling_message_too_long']);
});

it('a refusal is long for nobody: it has what names its request, and waits for no other', async () => {
  const accepted = await offered('accepted');
  void accepted.answer(sdpOf(9_008));
  const refused = await offered('refused');
  refused.reject(403, { headers: { 'X-Long': 'x'.repeat(9_000) } });
  await expect.poll(() => answersTo('refused')).toHaveLength(1);
  const [answer = ''] = answersTo('refused');
  expect(answer).toMatch(/^sip\|refused\|\r\nSIP\/2\.0 403 /);
  expect(answer.length).toBeLessThan(500);
  expect(answersTo('accepted')[0]).toContain('a=x:0123456789');
  expect(logged).toEqual([]);
});

it('an answer longer than that is a 500, and failed', async () => {
  const offer = await offered('long');
  expect(await offer.answer(sdpOf(13_008))).toEqual({ ok: false, reason: 'failed' });
  await expect.poll(() => answersTo('long')).toHaveLength(1);
  const [answer] = answersTo('long');
  expect(answer).toMatch(/^sip\|long\|\r\nSIP\/2\.0 500 /);
  for (const line of ['call-id: long', 'cseq: 1 invite', 'to: <sip:1@127.0.0.1>', 'content-length: 0'])
    expect(answer?.toLowerCase().split('\r\n')).toContain(line);
  expect(signalling.link.aborted).toBe(false);
});

it('a call to a buyer is refused for its size, which is no fault of the trunk', async () => {
  const to = { trunk: 'sip:127.0.0.1:9', number: '1', from: null };
  const { outcome } = signalling.dial({ ...to, sdp: sdpOf(13_008) });
  expect(await outcome).toMatchObject({ kind: 'refused', status: 513 });
  expect(said.some((one) => one.includes('\r\nINVITE'))).toBe(false);
  expect(signalling.link.aborted).toBe(false);
});

it('long ones that come all at once arrive whole, and in order', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `call-${n}`);
  for (const name of names) await offered(name);
  said.length = 0;
  for (const offer of offers) {
    offer.progress(183, sdpOf(9_008));
    offer.progress(180);
  }
  await expect.poll(() => said.length).toBe(24);
  expect(said.map((one) => one.split('|')[1])).toEqual(names.flatMap((name) => [name, name]));
  expect(signalling.link.aborted).toBe(false);
});
