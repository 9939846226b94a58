/** What callers hear of a switch that has no room, and that those who heed it come through. */
import { describe, expect, test } from 'vitest';
import { useSwitch, type Stage } from '../support/stage.ts';

const routing = { routes: [{ buyer: 'crowd' }] };
const campaigns = { open: { routing } };
const retryAfter = '5';

/** So many at a rate, each of whom calls again when it is told to; how often they were sent away. */
async function crowd(stage: Stage, calls: number, callsPerSecond: number, meanwhile?: () => void) {
  const common = { calls, withinMs: 90_000 };
  const buyer = await stage.buyer('crowd', 'buyer-answers', common);
  const callers = await stage.caller('caller-comes-again', { ...common, callsPerSecond, pause: 1000 });
  meanwhile?.();
  await Promise.all([callers.sip.done(90_000), buyer.sip.done(90_000)]);
  const refused = callers.sip.heard(503);
  for (const { headers } of refused) expect(headers.get('retry-after')).toBe(retryAfter);
  await expect
    .poll(async () => (await stage.switch.calls()).filter(({ from }) => from === callers.number).length, {
      timeout: 20_000,
    })
    .toBe(calls);
  const records = (await stage.switch.calls()).filter(({ from }) => from === callers.number);
  for (const record of records)
    expect(record).toMatchObject({ outcome: 'connected', cause: 'caller_hangup' });
  return { records, refused: new Set(refused.map(({ headers }) => headers.get('via'))).size };
}

async function refusals(stage: Stage, reason: string): Promise<number> {
  const text = await (await fetch(`${stage.switch.http}/metrics`)).text();
  const of = new RegExp(`^tollbridge_calls_refused_total\\{.*reason="${reason}".*\\} (\\d+)$`, 'm').exec(
    text,
  );
  return Number(of?.[1] ?? 0);
}

describe('over `limits.cps`', () => {
  const cps = 4;
  const stage = useSwitch({ limits: { cps }, buyers: { crowd: {} }, campaigns });

  test(
    'so many a second are carried, the others hear when to come again, and all come through',
    { timeout: 120_000 },
    async () => {
      const { records, refused } = await crowd(stage, 24, 12);
      expect(refused).toBeGreaterThan(0);
      expect(await refusals(stage, 'cps')).toBe(refused);
      const began = records.map(({ started_at }) => Date.parse(started_at)).sort((a, b) => a - b);
      // The limit goes by a clock that is never set, records by the one of the wall, in whole milliseconds.
      for (const [place, at] of began.slice(cps).entries()) expect(at - began[place]!).toBeGreaterThan(980);
    },
  );
});

describe('a carrier whose route would be taken down by a 503', () => {
  const stage = useSwitch({
    limits: { max_calls: 1 },
    carriers: { voxlink: { from: ['127.0.0.0/8'], refuse_with: 486 } },
    buyers: { crowd: {} },
    campaigns,
  });

  test('is told what it takes better', async () => {
    const buyer = await stage.buyer('crowd', 'buyer-answers');
    const first = await stage.caller('caller-talks');
    await first.hears(200);
    const second = await stage.caller('caller-is-refused');
    await second.sip.done();
    expect(second.sip.heard(486)[0]?.headers.get('retry-after')).toBe(retryAfter);
    expect(second.sip.heard(503)).toEqual([]);
    await first.sip.cue();
    await Promise.all([first.sip.done(), buyer.sip.done()]);
  });
});

describe('a main thread that is held up', () => {
  const stage = useSwitch({
    preload: new URL('../support/hold-up.js', import.meta.url),
    buyers: { crowd: {} },
    campaigns,
  });

  test('takes no call in as long as it is, then all who come again', { timeout: 120_000 }, async () => {
    const { refused } = await crowd(stage, 30, 6, () => stage.switch.signal('SIGUSR2'));
    expect(await refusals(stage, 'stalled')).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });
});
