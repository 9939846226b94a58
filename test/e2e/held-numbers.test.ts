/** Numbers that publishers hold, in two switches that share one database: what is given out is routed at once by both. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { apply } from '../../src/publishers/apply.ts';
import { approve } from '../../src/publishers/approve.ts';
import { addPublisher } from '../../src/publishers/add-publisher.ts';
import { assign } from '../../src/publishers/assign.ts';
import { pause, resume } from '../../src/publishers/decide.ts';
import { lend } from '../../src/publishers/lend.ts';
import { addPageKey } from '../../src/publishers/page-keys.ts';
import type { Publishing, Refused } from '../../src/publishers/publishing.ts';
import type { Records } from '../../src/records/open-records.ts';
import { startTestDatabase, type TestDatabase } from '../records/support/test-database.ts';
import { Stage, talk, type FarEnd } from '../support/stage.ts';

const first = new Stage();
const second = new Stage();
const stages = [first, second];
const network = { name: 'the network', publisher: null };
const origin = 'https://offers.example';

let database: TestDatabase;
let records: Records;
let publishing: Publishing;

beforeAll(async () => {
  database = await startTestDatabase();
  const own = await database.fresh();
  records = own;
  const setup = {
    buyers: { sunrise: {} },
    campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }] } } },
    database: own.url,
  };
  await Promise.all(stages.map((stage) => stage.open(setup)));
  const loaded = await loadConfig(first.switch.config, {});
  if (!loaded.ok) throw new Error('the config of the test is wrong');
  publishing = { db: own.db, given: () => loaded.config, now: () => new Date() };
  done(await addPublisher(publishing, { id: 'airwaves', name: 'Airwaves' }));
});
beforeEach(() => stages.forEach((stage) => stage.begin()));
afterEach(async ({ task }) => {
  for (const stage of stages) await stage.check(task.result?.state === 'fail');
});
afterAll(async () => {
  for (const stage of stages) await stage.close();
  await database.stop();
});

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
  await toldOf(number, async () => done(await pause(publishing, { application, by: network })));
  for (const stage of stages) expect(await refusalOf(stage, number)).toBe(480);
  await toldOf(number, async () => done(await resume(publishing, { application, by: network })));
  expect(await talkTo(second, number)).toMatchObject({ outcome: 'connected', source: 'tv' });
});

test('a number for a campaign that the config has not: 404, told once in the log', async () => {
  const number = '+18005557777';
  await toldOf(number, () => hold(number, { campaign: 'gone', from: new Date() }));
  const before = first.switch.log.length;
  expect(await refusalOf(first, number)).toBe(404);
  expect(await refusalOf(first, number)).toBe(404);
  const lines = first.switch.log.slice(before).filter((line) => line.includes('held_for_unknown_campaign'));
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
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
    await assign(publishing, { application, by: network, number: { kind: 'any' }, use: 'visitors' }),
  );
  const page = done(await addPageKey(records.db, { application, origins: [origin], lendMs: 600_000 }));
  const asked = { key: page.key.key, origin, visit: 'visit-0000000001', tags: { utm_campaign: 'spring' } };
  const from = stages.map((stage) => stage.switch.log.length);
  const lent = done(await lend(records.db, asked, new Date()));
  expect(lent).toMatchObject({ number: assigned.number, use: 'lent' });
  await Promise.all(stages.map((stage, n) => changed(stage, from[n] ?? 0, ({ loans }) => loans === 1)));
  expect(await talkTo(second, lent.number)).toMatchObject({
    ...{ publisher: 'airwaves', source: 'web' },
    attributes: { 'tag.utm_campaign': 'spring' },
  });
  expect((await talkTo(first, own)).attributes).not.toHaveProperty(['tag.utm_campaign']);
});

/** An application of the publisher, approved, of which both switches have heard; and after how many milliseconds each. */
async function approved(source: string) {
  const { application } = done(await apply(publishing, { publisher: 'airwaves', campaign: 'solar', source }));
  const from = stages.map((stage) => stage.switch.log.length);
  const handed = done(await approve(publishing, { application: application.id, by: network }));
  const at = Date.now();
  const lines = await Promise.all(stages.map((stage, n) => heard(stage, handed.number, from[n] ?? 0)));
  const told = lines.map(({ time }) => Date.parse(String(time)) - at);
  return { application: application.id, number: handed.number, told };
}

/** Does it, and waits until both switches have heard of this number. */
async function toldOf(number: string, change: () => Promise<unknown>): Promise<void> {
  const from = stages.map((stage) => stage.switch.log.length);
  await change();
  await Promise.all(stages.map((stage, n) => heard(stage, number, from[n] ?? 0)));
}

const heard = (stage: Stage, number: string, from: number) =>
  changed(stage, from, ({ numbers }) => Array.isArray(numbers) && numbers.includes(number));

/** The first change of holdings behind line `from` of the log that is as wanted. */
async function changed(
  stage: Stage,
  from: number,
  wanted: (said: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  for (let seen = from; ;) {
    const said = await stage.switch.logged('holdings_changed', seen);
    if (wanted(said)) return said;
    seen = stage.switch.log.findIndex((line, n) => n >= seen && line.includes('"holdings_changed"')) + 1;
  }
}

async function hold(
  number: string,
  held: {
    readonly campaign: string;
    readonly from: Date;
    readonly until?: Date;
    readonly publisher?: string;
  },
): Promise<void> {
  const { campaign, from, until = null, publisher = 'airwaves' } = held;
  const application = `a-${number}-${from.getTime()}`;
  await records.db
    .insertInto('applications')
    .values({
      ...{ id: application, publisher, campaign, source: application, state: 'ended' },
      ...{ decided_at: null, decided_by: null, why: null },
    })
    .execute();
  await records.db
    .insertInto('holdings')
    .values({
      ...{ number, campaign, publisher, application, pool: 'us-toll-free', source: null },
      ...{ held_from: from, held_until: until },
    })
    .execute();
}

/** A call from its INVITE to its record. */
let callers = 0;
async function talkTo(stage: Stage, number: string) {
  const from = `+1214624${String(callers++).padStart(4, '0')}`;
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { number, from: `sip:${from}@127.0.0.1` });
  await Promise.all([caller.hears(200), buyer.hears('INVITE')]);
  await talk(caller, buyer);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  return stage.switch.record(from);
}

async function refusalOf(stage: Stage, number: string): Promise<number | undefined> {
  const caller: FarEnd = await stage.caller('caller-is-refused', { number });
  await caller.sip.done();
  return caller.sip.messages.findLast((one) => one.direction === 'received')?.status;
}

function done<T extends { readonly ok: boolean }>(answer: T): Exclude<T, Refused<string>> {
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return answer as Exclude<T, Refused<string>>;
}
