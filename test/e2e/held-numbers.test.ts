/** Numbers that publishers hold, in two switches that share one database: what is given out is routed at once by both. */
import { describe, expect, test } from 'vitest';
import { assign } from '../../src/publishers/assign.ts';
import { pause, resume } from '../../src/publishers/decide.ts';
import { lend } from '../../src/publishers/lend.ts';
import { addPageKey } from '../../src/publishers/page-keys.ts';
import type { FarEnd, Stage } from '../support/stage.ts';
import { done, network, useTwoSwitches } from '../support/two-switches.ts';

const two = useTwoSwitches();
const { stages, approved, toldOf, changed, hold, talkTo } = two;
const [first, second] = stages;
const origin = 'https://offers.example';

test('an approval is routed by both, and its calls are the publisher’s', async () => {
  const { number, told } = await approved('radio');
  console.info(`told of after ${told.map((ms) => `${ms} ms`).join(' and ')}`);
  for (const stage of stages) {
    expect(await talkTo(stage, number)).toMatchObject({
      ...{ outcome: 'connected', to: number, campaign: 'solar', publisher: 'airwaves', source: 'radio' },
      ...{ revenue: '45.00', payout: '30.00' },
      attributes: { 'call.publisher': 'airwaves', 'call.source': 'radio' },
    });
  }
});

test('while its publisher is paused a number is refused with 480, and then routed again', async () => {
  const { number, application } = await approved('tv');
  await toldOf(number, async () => done(await pause(two.publishing, { application, by: network })));
  for (const stage of stages) expect(await refusalOf(stage, number)).toBe(480);
  await toldOf(number, async () => done(await resume(two.publishing, { application, by: network })));
  expect(await talkTo(second, number)).toMatchObject({ outcome: 'connected', source: 'tv' });
});

test('a number for a campaign that the config has not: 404, told once in the log', async () => {
  const number = '+18005557777';
  await toldOf(number, () => hold(number, { campaign: 'gone', from: new Date() }));
  const before = first.switch.log.length;
  expect(await refusalOf(first, number)).toBe(404);
  expect(await refusalOf(first, number)).toBe(404);
  const lines = (event: string) =>
    first.switch.log.slice(before).filter((line) => line.includes(`"${event}"`));
  await expect.poll(() => lines('call_refused')).toHaveLength(2);
  expect(lines('held_for_unknown_campaign').map((line): unknown => JSON.parse(line))).toMatchObject([
    { campaign: 'gone', publisher: 'airwaves' },
  ]);
});

test('what the config gives stays as the config says, whoever holds it', async () => {
  const number = first.switch.number('solar');
  await toldOf(number, () => hold(number, { campaign: 'solar', from: new Date() }));
  expect(await talkTo(first, number)).toMatchObject({ publisher: 'clickwise', source: 'google-ads' });
});

describe('a hand-over', () => {
  test('a call before the second is the old holder’s, one after it the new one’s', async () => {
    const number = '+18005558888';
    const handOver = new Date(Math.ceil(Date.now() / 1000) * 1000 + 4000);
    await toldOf(number, () =>
      hold(number, { campaign: 'solar', from: new Date(Date.now() - 1000), until: handOver }),
    );
    await toldOf(number, () => hold(number, { campaign: 'solar', from: handOver, publisher: 'clickwise' }));
    const before = await talkTo(first, number);
    // The wall clock is what this is about.
    await new Promise((resolve) => setTimeout(resolve, handOver.getTime() - Date.now()));
    const after = await talkTo(first, number);
    expect(Date.parse(before.started_at)).toBeLessThan(handOver.getTime());
    expect([before.publisher, after.publisher]).toEqual(['airwaves', 'clickwise']);
  });
});

test('a call to a number that was lent to a visit carries the tags of the visit', async () => {
  const { number: own, application } = await approved('web');
  const assigned = done(
    await assign(two.publishing, { application, by: network, number: { kind: 'any' }, use: 'visitors' }),
  );
  const page = done(await addPageKey(two.records.db, { application, origins: [origin], lendMs: 600_000 }));
  const asked = { key: page.key.key, origin, visit: 'visit-0000000001', tags: { utm_campaign: 'spring' } };
  const from = stages.map((stage) => stage.switch.log.length);
  const lent = done(await lend(two.records.db, asked, () => new Date()));
  expect(lent).toMatchObject({ number: assigned.number, use: 'lent' });
  await Promise.all(stages.map((stage, n) => changed(stage, from[n] ?? 0, ({ loans }) => loans === 1)));
  expect(await talkTo(second, lent.number)).toMatchObject({
    ...{ publisher: 'airwaves', source: 'web' },
    attributes: { 'tag.utm_campaign': 'spring' },
  });
  expect((await talkTo(first, own)).attributes).not.toHaveProperty(['tag.utm_campaign']);
});

async function refusalOf(stage: Stage, number: string): Promise<number | undefined> {
  const caller: FarEnd = await stage.caller('caller-is-refused', { number });
  await caller.sip.done();
  return caller.sip.messages.findLast((one) => one.direction === 'received')?.status;
}
