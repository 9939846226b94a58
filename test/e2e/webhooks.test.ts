/** What a call is worth telling: to the network, its publisher and its buyer, each on a web server of its own. */
import { createHmac } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { startReceiver, type Heard } from '../records/support/receiver.ts';
import { editConfig } from '../support/edit-config.ts';
import { useSwitch } from '../support/stage.ts';

const keys = { network: Buffer.alloc(32, 1), publisher: Buffer.alloc(32, 2), buyer: Buffer.alloc(32, 3) };
const secretOf = (key: Buffer): string => `whsec_${key.toString('base64')}`;
const [network, publisher, buyer] = [await startReceiver(), await startReceiver(), await startReceiver()];
afterAll(() => Promise.all([network.stop(), publisher.stop(), buyer.stop()]));

const stage = useSwitch({
  network: { webhooks: [{ url: network.url, secret: secretOf(keys.network) }] },
  publisher: {
    webhooks: [
      { url: publisher.url, secret: secretOf(keys.publisher), events: ['call.settled', 'call.corrected'] },
    ],
  },
  buyers: {
    sunrise: {
      revenue: [{ pays: '45.00', when: { connected: '>= 100ms' } }],
      webhooks: [{ url: buyer.url, secret: secretOf(keys.buyer) }],
    },
  },
  campaigns: {
    solar: {
      payout: [{ pays: '30.00', when: { connected: '>= 100ms' } }],
      routing: { routes: [{ buyer: 'sunrise' }] },
    },
  },
});

interface Said {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Of the call, what was told there; each of it signed by the key. */
function told({ heard }: { readonly heard: readonly Heard[] }, key: Buffer, call: string): readonly Said[] {
  return heard
    .map(({ headers, body, id }): Said => {
      const signed = `${id}.${String(headers['webhook-timestamp'])}.${body}`;
      const expected = createHmac('sha256', key).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${expected}`);
      return JSON.parse(body) as Said;
    })
    .filter(({ data }) => data['call'] === call);
}

const typesOf = (said: readonly Said[]): readonly string[] => said.map(({ type }) => type).toSorted();

async function aCall(): Promise<string> {
  const answers = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'solar' });
  await caller.hears(200);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), answers.sip.done()]);
  return (await stage.record(caller)).id;
}

test('a call is told from its start to its dispute, to each what is its business, once and signed', async () => {
  const call = await aCall();
  const opened = await stage.switch.command(
    'disputes',
    'open',
    '--call',
    call,
    '--reason',
    'wrong number',
    '--json',
  );
  const { dispute } = JSON.parse(opened.stdout) as { dispute: string };
  await stage.switch.command('disputes', 'accept', dispute, '--why', 'listened to it');

  const all = ['call.connected', 'call.corrected', 'call.ended', 'call.settled', 'call.started'];
  await expect.poll(() => typesOf(told(network, keys.network, call)), { timeout: 15_000 }).toEqual(all);
  await expect
    .poll(() => typesOf(told(publisher, keys.publisher, call)), { timeout: 15_000 })
    .toEqual(['call.corrected', 'call.settled']);
  await expect
    .poll(() => typesOf(told(buyer, keys.buyer, call)), { timeout: 15_000 })
    .toEqual(['call.connected', 'call.corrected', 'call.ended', 'call.settled']);

  const of = (said: readonly Said[], type: string) => said.find((one) => one.type === type)?.data;
  expect(of(told(network, keys.network, call), 'call.settled')).toMatchObject({
    ...{ revenue: '45.00', payout: '30.00', margin: '15.00', buyer: 'sunrise', publisher: 'clickwise' },
  });
  const paid = of(told(publisher, keys.publisher, call), 'call.settled');
  expect(paid).toMatchObject({ payout: '30.00', currency: 'USD' });
  expect(JSON.stringify(paid)).not.toMatch(/sunrise|45\.00|15\.00/);
  expect(of(told(publisher, keys.publisher, call), 'call.corrected')).toMatchObject({
    payout_change: '-30.00',
  });
  expect(of(told(buyer, keys.buyer, call), 'call.corrected')).toMatchObject({ revenue: '0.00' });

  const listed = await stage.switch.command('webhooks', 'list', '--json');
  const { endpoints } = JSON.parse(listed.stdout) as { endpoints: { owner: string; dead: number }[] };
  expect(endpoints.map(({ owner }) => owner)).toEqual(['network', 'publisher:clickwise', 'buyer:sunrise']);
  const log = stage.switch.log.join('\n');
  for (const key of Object.values(keys)) expect(log).not.toContain(key.toString('base64'));
  expect(log).not.toContain('/calls"');
});

test('a reload changes who is told and by which key; what cannot be delivered waits, is told, and is retried', async () => {
  const from = stage.switch.log.length;
  const other = Buffer.alloc(32, 9);
  await editConfig(stage.switch.config, (config) => {
    config.buyers['sunrise'] = {
      ...config.buyers['sunrise'],
      webhooks: [{ url: buyer.url, secret: secretOf(other), events: ['call.settled'] }],
    };
  });
  await stage.switch.logged('config_reloaded', from);
  buyer.heard.length = 0;
  buyer.answer = (response) => response.writeHead(410).end();
  const call = await aCall();
  await expect.poll(() => typesOf(told(buyer, other, call)), { timeout: 15_000 }).toEqual(['call.settled']);
  expect(await stage.switch.logged('webhook_dead', from)).toMatchObject({
    owner: 'buyer:sunrise',
    error: 'status 410',
  });

  const dead = await stage.switch.command('webhooks', 'dead', '--json');
  const [letter] = (JSON.parse(dead.stdout) as { dead: { id: string; call: string }[] }).dead;
  expect(letter).toMatchObject({ call, event: 'call.settled', error: 'status 410' });
  buyer.answer = (response) => response.writeHead(204).end();
  expect((await stage.switch.command('webhooks', 'retry')).code).toBe(2);
  expect((await stage.switch.command('webhooks', 'retry', 'evt_0')).code).toBe(1);
  expect((await stage.switch.command('webhooks', 'retry', letter!.id)).code).toBe(0);
  await expect
    .poll(() => buyer.heard.map(({ id }) => id), { timeout: 15_000 })
    .toEqual([letter!.id, letter!.id]);
  await expect
    .poll(async () => (await stage.switch.metrics()).get('tollbridge_webhooks_dead'), { timeout: 15_000 })
    .toBe(0);
});
