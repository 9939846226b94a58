/** `tollbridge call`: a real call at the switch, and what it reports. */
import { expect, test } from 'vitest';
import { drachtio } from '../support/engines.ts';
import { useSwitch } from '../support/stage.ts';
import { tollbridge } from '../support/switch.ts';

const stage = useSwitch({
  buyers: { sunrise: {} },
  campaigns: { open: { media: 'anchored', routing: { routes: [{ buyer: 'sunrise' }] } } },
});

/** The config says where the embedded engine takes calls; of a drachtio server it must be said. */
const call = (number: string, ...words: string[]) => {
  const { host, port } = stage.switch.sip;
  const at = drachtio === null ? [] : ['--to', `sip:${host}:${port}`];
  return tollbridge('call', number, '--config', stage.switch.config, ...at, ...words);
};

test('is answered by the buyer, holds, hangs up, and says so: exit 0', async () => {
  const from = '+12145550187';
  const sunrise = await stage.buyer('sunrise', 'buyer-answers');
  const { code, stdout } = await call(
    stage.switch.number('open'),
    '--from',
    from,
    '--hold',
    '1500ms',
    '--json',
  );
  await sunrise.sip.done();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    to: stage.switch.number('open'),
    from,
    outcome: 'answered',
    status: 200,
    hung_up_by: 'us',
  });
  const record = await stage.switch.record(from);
  expect(record).toMatchObject({ outcome: 'connected', cause: 'caller_hangup', buyer: 'sunrise' });
  expect(record.connected_ms).toBeGreaterThan(1_000);
});

test('is refused where the number is none of ours: exit 1, with the status', async () => {
  const { code, stdout } = await call('+18005559999', '--from', '+12145550188', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'refused', status: 404, answered_after_ms: null });
});

test('tells people what happens as it happens', async () => {
  const { code, stdout } = await call('+18005559999', '--from', 'anonymous');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ +\d+\.\d\d s {2}calling \+18005559999 as anonymous at sip:127\.0\.0\.1:\d+\n/);
  expect(stdout).toContain('404');
});
