import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { editConfig } from '../support/edit-config.ts';
import { useSwitch } from '../support/stage.ts';
import { tollbridge } from '../support/switch.ts';

const stage = useSwitch({
  buyers: { sunrise: { revenue: [{ pays: '45.00', when: { connected: '>= 0s' } }] } },
  campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }] } } },
});

interface Replayed {
  calls: number;
  as_recorded: number;
  before: { connected: number; revenue: string };
  after: { connected: number; revenue: string };
  moves: unknown[];
  buyers: unknown[];
  assumptions: string[];
}

test('diff --replay: the recorded calls, decided again under both', async () => {
  for (let n = 0; n < 2; n++) {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-talks');
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    await stage.record(caller);
  }
  const { config, directory } = stage.switch;
  const changed = join(directory, 'changed.yaml');
  await copyFile(config, changed);
  await editConfig(changed, (raw) => {
    raw.buyers['sunrise'] = {
      ...raw.buyers['sunrise'],
      caps: [{ count: 'connected', limit: 1, per: 'day' }],
    };
  });
  const diff = (span: string, ...words: string[]) => {
    const data = join(directory, 'data');
    return tollbridge('diff', config, changed, '--data', data, '--replay', span, ...words);
  };
  const { code, stdout } = await diff('2020-01-01..2100-01-01', '--json');
  expect(code).toBe(0);
  const { replay } = JSON.parse(stdout) as { replay: Replayed };
  expect(replay).toMatchObject({
    calls: 2,
    as_recorded: 2,
    recorded: { connected: 2, revenue: '90.00' },
    before: { connected: 2, revenue: '90.00' },
    after: { connected: 1, revenue: '45.00' },
    moves: [{ from: 'sunrise', to: null, calls: 1 }],
    buyers: [
      {
        id: 'sunrise',
        before: { calls: 2, revenue: '90.00' },
        after: { calls: 1, revenue: '45.00' },
      },
    ],
  });
  expect(replay.assumptions.length).toBeGreaterThan(0);

  const inWords = await diff('2020-01-01..2100-01-01');
  expect(inWords.stdout).toContain('1 call would have moved');
  expect((await diff('2020-01-01..2020-01-02')).stdout).toContain('0 calls recorded');
  expect((await diff('yesterday')).code).toBe(2);
});
