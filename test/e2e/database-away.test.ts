/** A switch that starts while its database is away routes by what it knew, and loads its calls once that is back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRecords } from '../../src/records/open-records.ts';
import { quiet } from '../records/support/quiet.ts';
import { startTestDatabase, type TestDatabase } from '../records/support/test-database.ts';
import { wayTo, type Way } from '../records/support/way-to.ts';
import { Stage, talk } from '../support/stage.ts';

const number = '+18005557788';
const stage = new Stage();
let database: TestDatabase;
let way: Way;

beforeAll(async () => {
  database = await startTestDatabase();
  const { url } = await database.fresh();
  way = await wayTo(url);
  await stage.open({
    buyers: { sunrise: { caps: [{ count: 'connected', limit: 2, per: 'day' }] } },
    campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }] } } },
    database: way.url,
  });
});
afterAll(async () => {
  await stage.close();
  way.close();
  await database.stop();
});

test('held numbers, calls and caps outlive a restart without the database', async () => {
  const records = openRecords({ url: way.url, log: quiet, connections: 1 });
  await records.db
    .insertInto('applications')
    .values({
      ...{ id: 'a1', publisher: 'airwaves', campaign: 'solar', source: 'radio', state: 'approved' },
      ...{ decided_at: null, decided_by: null, why: null },
    })
    .execute();
  await records.db
    .insertInto('holdings')
    .values({
      ...{ number, application: 'a1', pool: 'us-toll-free', campaign: 'solar', publisher: 'airwaves' },
      ...{ source: 'radio', held_from: new Date(), held_until: null },
    })
    .execute();
  await records.close();
  await stage.switch.logged('holdings_changed');
  expect((await stage.switch.record(await call())).publisher).toBe('airwaves');

  expect(await stage.switch.stop()).toBe(0);
  way.cut();
  await stage.again();
  await stage.switch.logged('database_away');
  const from = await call();
  expect((await stage.switch.metrics()).get('tollbridge_holdings_connected')).toBe(0);

  way.mend();
  await stage.switch.logged('counters_filled', 0, 30_000);
  expect(await stage.switch.record(from)).toMatchObject({
    ...{ publisher: 'airwaves', source: 'radio', outcome: 'connected', payout: '30.00' },
  });
  // One call of before the restart, one while the database was away: the day's cap is used up.
  const listener = await stage.caller('caller-listens', { number, from: 'sip:+12146259999@127.0.0.1' });
  await listener.sip.done();
  expect(await stage.switch.record('+12146259999')).toMatchObject({ outcome: 'no_buyer', attempts: [] });
});

let callers = 0;
async function call(): Promise<string> {
  const from = `+1214625${String(callers++).padStart(4, '0')}`;
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { number, from: `sip:${from}@127.0.0.1` });
  await Promise.all([caller.hears(200), buyer.hears('INVITE')]);
  await talk(caller, buyer);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  return from;
}
