/** Two switches on one database go on hearing of approvals, and know whose a call is, whatever breaks between them. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { apply } from '../../src/publishers/apply.ts';
import { approve } from '../../src/publishers/approve.ts';
import { done, network, useTwoSwitches } from '../support/two-switches.ts';

const two = useTwoSwitches();
const { stages, heard, hold, talkTo, toldOf } = two;
const [first, second] = stages;

test('an approval reaches switches whose connections are killed that moment, long before they would ask', async () => {
  await Promise.all(stages.map((stage) => stage.switch.logged('holdings_feed_connected')));
  const { application } = done(
    await apply(two.publishing, { publisher: 'airwaves', campaign: 'solar', source: 'radio' }),
  );
  const from = stages.map((stage) => stage.switch.log.length);
  const began = Date.now();
  const [killed, approved] = await Promise.all([
    sql<{ killed: boolean }>`
      select pg_terminate_backend(pid) as killed from pg_stat_activity
       where application_name = 'tollbridge holdings' and datname = current_database()`.execute(
      two.records.db,
    ),
    approve(two.publishing, { application: application.id, by: network }),
  ]);
  expect(killed.rows).toEqual([{ killed: true }, { killed: true }]);
  const { number } = done(approved);
  const told = await Promise.all(
    stages.map(async (stage, n) => {
      await stage.switch.logged('holdings_feed_lost', from[n]);
      const { time } = await heard(stage, number, from[n] ?? 0);
      return Date.parse(String(time)) - began;
    }),
  );
  console.info(`told of after ${told.map((ms) => `${ms} ms`).join(' and ')}`);
  // They ask by themselves every 30 s: so it was the connection that came back.
  for (const ms of told) expect(ms).toBeLessThan(15_000);
  expect(await talkTo(second, number)).toMatchObject({ publisher: 'airwaves', source: 'radio' });
});

test('a switch that was down while a number was given out routes it from its first call on', async () => {
  expect(await second.switch.stop()).toBe(0);
  const { application } = done(
    await apply(two.publishing, { publisher: 'airwaves', campaign: 'solar', source: 'tv' }),
  );
  const from = first.switch.log.length;
  const { number } = done(await approve(two.publishing, { application: application.id, by: network }));
  await second.again();
  expect(await talkTo(second, number)).toMatchObject({ publisher: 'airwaves', source: 'tv' });
  await heard(first, number, from);
});

test('a number changes hands under 20 calls a second in two switches: each call is whose the number was at its INVITE', async () => {
  const number = '+18005558899';
  const calls = 80;
  const from = '+12146259999';
  const handOver = new Date(Math.ceil(Date.now() / 1000) * 1000 + 6000);
  await toldOf(number, () =>
    hold(number, { campaign: 'solar', from: new Date(Date.now() - 1000), until: handOver }),
  );
  await toldOf(number, () => hold(number, { campaign: 'solar', from: handOver, publisher: 'clickwise' }));
  const crowd = { calls, callsPerSecond: 10, trace: false };
  await Promise.all(
    stages.map(async (stage) => {
      const buyer = await stage.buyer('sunrise', 'buyer-answers', crowd);
      const caller = await stage.caller('caller-talks-a-while', {
        ...{ ...crowd, number, from: `sip:${from}@127.0.0.1`, pause: 300 },
      });
      await Promise.all([caller.sip.done(30_000), buyer.sip.done(30_000)]);
    }),
  );
  const records = () => first.switch.calls('--caller', from);
  await expect.poll(async () => (await records()).length, { timeout: 15_000 }).toBe(2 * calls);
  const seen = (await records()).map(({ started_at: at, publisher }) => ({
    publisher,
    holder: Date.parse(at) < handOver.getTime() ? 'airwaves' : 'clickwise',
  }));
  expect(seen.filter(({ publisher, holder }) => publisher !== holder)).toEqual([]);
  // The load was there on either side of the second.
  for (const holder of ['airwaves', 'clickwise'])
    expect(seen.filter((call) => call.holder === holder).length).toBeGreaterThan(calls / 4);
});
