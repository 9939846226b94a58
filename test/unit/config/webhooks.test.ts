import { expect, test } from 'vitest';
import { changed, configOf } from './support.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const hook = (given = '') => `{ url: "https://hooks.example.com/a", secret: ${secret}${given} }`;

async function webhooksOf(
  network: string,
  publisher: string,
  buyer: string,
  env: Record<string, string> = {},
) {
  let text = changed('currency: USD }', `currency: USD, webhooks: [ ${network} ] }`);
  text = changed('clickwise: { payout:', `clickwise: { webhooks: [ ${publisher} ], payout:`, text);
  text = changed('    hours:', `    webhooks: [ ${buyer} ]\n    hours:`, text);
  return configOf(text, env);
}

test('each hears what it may, a publisher masked numbers; all of it if not said', async () => {
  const { webhooks } = await webhooksOf(
    hook(),
    hook(),
    hook(', events: [ call.settled ], attributes: [ ivr.zip ]'),
  );
  expect(webhooks.map(({ id: _, ...webhook }) => webhook)).toEqual([
    {
      owner: { kind: 'network' },
      ...{ url: 'https://hooks.example.com/a', secret, caller: 'full', attributes: [] },
      events: ['call.started', 'call.connected', 'call.ended', 'call.settled', 'call.corrected'],
    },
    {
      owner: { kind: 'publisher', name: 'clickwise' },
      ...{ url: 'https://hooks.example.com/a', secret, caller: 'masked', attributes: [] },
      events: ['call.started', 'call.connected', 'call.ended', 'call.settled', 'call.corrected'],
    },
    {
      owner: { kind: 'buyer', name: 'sunrise' },
      ...{ url: 'https://hooks.example.com/a', secret, caller: 'full', attributes: ['ivr.zip'] },
      events: ['call.settled'],
    },
  ]);
  expect(new Set(webhooks.map(({ id }) => id)).size).toBe(3);
});

test('an endpoint is the same under another secret and for other events; not at another URL, not twice the same', async () => {
  const ids = async (network: string) => (await webhooksOf(network, '', '')).webhooks.map(({ id }) => id);
  const [id] = await ids(hook());
  expect(
    await ids(
      hook(', events: [ call.ended ]').replace(secret, `whsec_${Buffer.alloc(24, 2).toString('base64')}`),
    ),
  ).toEqual([id]);
  expect(await ids(hook().replace('/a', '/b'))).not.toEqual([id]);
  const [first, second] = await ids(`${hook()}, ${hook()}`);
  expect(first).toBe(id);
  expect(second).not.toBe(id);
});

test('a secret comes from the environment, and routes nothing', async () => {
  const named = hook().replace(secret, '"${HOOK}"');
  const config = await webhooksOf(named, '', '', { HOOK: secret });
  expect(config.webhooks[0]?.secret).toBe(secret);
  expect(config.hash).toBe((await webhooksOf('', '', '')).hash);
});
