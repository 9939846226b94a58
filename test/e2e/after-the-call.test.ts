import { expect, test } from 'vitest';
import { editConfig } from '../support/edit-config.ts';
import { useSwitch } from '../support/stage.ts';

const network = 'the-networks-own-token';
const first = 'sunrise-0123456789abcdef';
const second = 'sunrise-fedcba9876543210';

const stage = useSwitch({
  http: { token: network },
  buyers: {
    sunrise: {
      token: first,
      caps: [{ count: 'revenue', limit: '1000.00', per: 'month' }],
      revenue: [{ pays: { reported: 'sale', share: '50%' } }, { pays: '10.00' }],
    },
  },
  campaigns: { solar: { payout: [{ pays: '60%' }], routing: { routes: [{ buyer: 'sunrise' }] } } },
});

async function report(call: string, token: string, amount: string) {
  const response = await fetch(`${stage.switch.http}/api/v1/calls/${call}/conversions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ key: 'order-1', name: 'sale', amount }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** What the running switch counts towards the cap of its buyer, in micro-units. */
async function revenueCounted(): Promise<number> {
  const response = await fetch(`${stage.switch.http}/api/v1/world?campaign=solar&publisher=clickwise`, {
    headers: { Authorization: `Bearer ${network}` },
  });
  const { subjects } = (await response.json()) as {
    subjects: Record<string, { counted?: Record<string, number> } | undefined>;
  };
  return subjects['buyer:sunrise']?.counted?.['revenue.month'] ?? 0;
}

test('a buyer reports what came of its call, with a token that a reload changes; the network takes it back', async () => {
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'solar' });
  await caller.hears(200);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  const { id, revenue, payout } = await stage.record(caller);
  expect({ revenue, payout }).toEqual({ revenue: '10.00', payout: '6.00' });

  expect(await report(id, second, '120.00')).toMatchObject({ status: 401, body: { reason: 'wrong_token' } });
  expect(await report(id, first, '120.00')).toMatchObject({ status: 201, body: { revenue: '60.00' } });
  const from = stage.switch.log.length;
  await editConfig(stage.switch.config, (config) => {
    config.buyers['sunrise'] = { ...config.buyers['sunrise'], token: second };
  });
  expect(await stage.switch.logged('config_reloaded', from)).toMatchObject({
    changed: true,
    settings: ['tokens'],
  });
  expect(await report(id, first, '130.00')).toMatchObject({ status: 401 });
  expect(await report(id, second, '130.00')).toMatchObject({
    status: 200,
    body: { result: 'revised', revenue: '65.00' },
  });

  const corrected = {
    event: 'corrected',
    call: id,
    kind: 'conversion',
    reference: 'order-1/2',
    revenue: '5.00',
    payout: '3.00',
  };
  await expect
    .poll(() => stage.switch.log.map((line) => JSON.parse(line) as object))
    .toContainEqual(expect.objectContaining(corrected));
  const metrics = await (await fetch(`${stage.switch.http}/metrics`)).text();
  expect(metrics).toContain('tollbridge_corrections_total{kind="conversion"} 2');

  await expect.poll(revenueCounted, { timeout: 10_000 }).toBe(65_000_000);
  const opened = await stage.switch.command(
    'disputes',
    'open',
    '--call',
    id,
    '--reason',
    'no sale',
    '--json',
  );
  const { dispute } = JSON.parse(opened.stdout) as { dispute: string };
  const accepted = await stage.switch.command('disputes', 'accept', dispute, '--why', 'so it was', '--json');
  expect(JSON.parse(accepted.stdout)).toMatchObject({
    ok: true,
    revenue: '0.00',
    payout: '0.00',
    margin: '0.00',
  });
  expect(await stage.record(caller)).toMatchObject({ revenue: '0.00', payout: '0.00', margin: '0.00' });
  // A command told the database alone: the switch notices.
  await expect.poll(revenueCounted, { timeout: 10_000 }).toBe(0);
});
