import { sql, type Kysely } from 'kysely';
import pg from 'pg';
import { Registry as Metrics } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEvents } from '../../src/events.ts';
import { numberClashes } from '../../src/publishers/clashes.ts';
import { databaseClock } from '../../src/publishers/clock.ts';
import { beginning } from '../../src/publishers/hand-over.ts';
import { openRecords, type Records } from '../../src/records/open-records.ts';
import type { Schema } from '../../src/records/schema.ts';
import { lookForClashes } from '../../src/composition/watch-clashes.ts';
import {
  aGiven,
  asPublisher,
  day,
  givenNumber,
  mara,
  publishingStage,
  range,
  type PublishingStage,
} from './support/publishing-stage.ts';
import { quiet } from './support/quiet.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let url: string;
let db: Kysely<Schema>;
let stage: PublishingStage;
const others: Records[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  ({ db, url } = await database.fresh());
  stage = publishingStage(db);
});
afterEach(async () => {
  for (const each of others.splice(0)) await each.close();
});

/** As many switches as share the database. */
function switches(many: number): readonly PublishingStage[] {
  return Array.from({ length: many }, () => {
    const records = openRecords({ url, log: quiet });
    others.push(records);
    return publishingStage(records.db);
  });
}

const holdings = () => db.selectFrom('holdings').selectAll().orderBy('version').execute();
const later = (ms: number) => void (stage.now = new Date(stage.now.getTime() + ms));
const stateOf = async (number: string) => (await stage.showNumber(number))?.number.state;

describe('200 approvals at once for a pool of 50', () => {
  it('hand out each number once, and refuse 150 with their reason', async () => {
    const applications: string[] = [];
    for (let at = 0; at < 200; at++) {
      const made = await stage.apply({ publisher: 'clickwise', campaign: 'windows', source: `source-${at}` });
      if (made.ok) applications.push(made.application.id);
    }
    const asking = switches(4);
    const known = { version: 0n, seen: new Set<string>() };
    const read = async () => {
      const rows = await db
        .selectFrom('holdings')
        .select(['number', 'version'])
        .where('version', '>', known.version)
        .orderBy('version')
        .execute();
      for (const { number, version } of rows) {
        known.seen.add(number);
        known.version = version;
      }
    };
    const approving = new AbortController();
    const reading = (async () => {
      while (!approving.signal.aborted) await read();
    })();
    const answers = await Promise.all(
      applications.map((application, at) => asking[at % 4]!.approve({ application, by: mara })),
    );
    approving.abort();
    await reading;
    await read();

    const given = answers.flatMap((answer) => (answer.ok ? [answer.number] : []));
    expect(given.sort()).toEqual(range(18885550000, 50));
    const refusals = answers.flatMap((answer) => (answer.ok ? [] : [answer]));
    expect(refusals).toHaveLength(150);
    for (const refusal of refusals)
      expect(refusal).toEqual({ ok: false, reason: 'empty_pool', message: 'pool many has no free number' });
    const states = await stage.listApplications({ limit: 1000 });
    expect(states.items.filter(({ state }) => state === 'approved').length).toBe(50);
    expect(states.items.filter(({ state }) => state === 'applied').length).toBe(150);
    expect(await holdings()).toHaveLength(50);
    // Whoever polled by version while all this went on has missed nothing.
    expect(known.seen.size).toBe(50);
  });
});

describe('a change of holdings', () => {
  it('is told with its version, once it stands; what is refused is not', async () => {
    const listener = new pg.Client(url);
    await listener.connect();
    const told: string[] = [];
    const heard = new Promise<void>((resolve) => {
      listener.on('notification', ({ channel, payload }) => {
        if (channel === 'done') resolve();
        else told.push(payload ?? '');
      });
    });
    await listener.query('listen tollbridge_holdings');
    await listener.query('listen done');
    const { id, number } = await stage.approved();
    const [first] = await holdings();
    await stage.pause({ application: id, by: mara });
    await stage.approve({ application: id, by: mara });
    await stage.release({ number, by: mara });
    const [last] = await holdings();
    await listener.query('notify done');
    await heard;
    await listener.end();
    expect(told).toHaveLength(3);
    expect(told[0]).toBe(String(first!.version));
    expect(told[2]).toBe(String(last!.version));
    expect(last!.version).toBeGreaterThan(first!.version);
  });

  it('forgets nothing, whoever writes it', async () => {
    const { number } = await stage.approved();
    await expect(db.deleteFrom('holdings').execute()).rejects.toThrow('kept as they were');
    await expect(db.updateTable('holdings').set({ publisher: 'x' }).execute()).rejects.toThrow('kept');
    await stage.release({ number, by: mara });
    await expect(db.updateTable('holdings').set({ held_until: null }).execute()).rejects.toThrow('kept');
    const [{ id: _, ...row }] = (await holdings()) as [Awaited<ReturnType<typeof holdings>>[number]];
    const before = new Date(row.held_from.getTime() - 5000);
    await expect(
      db
        .insertInto('holdings')
        .values({ ...row, held_from: before, held_until: new Date(stage.now.getTime() + 1) })
        .execute(),
    ).resolves.toBeDefined();
    await expect(
      db
        .insertInto('holdings')
        .values({ ...row, held_from: before, held_until: stage.now })
        .execute(),
    ).rejects.toThrow('is held by another then');
  });
});

describe('a number that is given out', () => {
  it('is the one longest free, then the lowest', async () => {
    const first = await stage.approved();
    expect(first.number).toBe('+12125550101');
    later(1000);
    await stage.release({ number: first.number, by: mara });
    expect([await stage.approved(), await stage.approved()].map(({ number }) => number)).toEqual([
      '+12145550101',
      '+12145550102',
    ]);
    expect((await stage.approved()).number).toBe(first.number);
    const application = await stage.applied();
    expect(await stage.approve({ application, by: mara })).toEqual({
      ...{ ok: false, reason: 'empty_pool', message: 'pool local has no free number' },
    });
    expect(await stage.showApplication(application, mara)).toMatchObject({
      state: 'applied',
      decided_at: null,
    });
  });

  it('is as it was asked for', async () => {
    const ask = async (number: Parameters<typeof stage.approve>[0]['number'] & {}, campaign = 'roofing') => {
      const application = await stage.applied(campaign);
      return stage.approve({ application, by: mara, number });
    };
    expect(await ask({ kind: 'area_code', areaCode: '214' })).toMatchObject({ number: '+12145550101' });
    expect(await ask({ kind: 'state', state: 'tx' })).toMatchObject({ number: '+12145550102' });
    expect(await ask({ kind: 'state', state: 'TX' })).toMatchObject({
      reason: 'empty_pool',
      message: 'pool local has no free number of TX',
    });
    expect(await ask({ kind: 'toll_free' })).toMatchObject({ reason: 'empty_pool' });
    expect(await ask({ kind: 'toll_free' }, 'windows')).toMatchObject({ number: '+18885550000' });
    expect(await ask({ kind: 'area_code', areaCode: '12' })).toMatchObject({ reason: 'bad_choice' });
    expect(await ask({ kind: 'state', state: 'Texas' })).toMatchObject({ reason: 'bad_choice' });
  });

  it('is not one that the config gives, in its pool or not', async () => {
    const numbers: string[] = [];
    for (let at = 0; at < 4; at++) numbers.push((await stage.approved('solar')).number);
    expect(numbers).toEqual(range(18005550101, 4));
    const application = await stage.applied('solar');
    expect(await stage.approve({ application, by: mara })).toMatchObject({ reason: 'empty_pool' });
  });

  it('rests after its release as long as its pool says', async () => {
    const { number } = await stage.approved('solar');
    for (let at = 0; at < 3; at++) await stage.approved('solar');
    await stage.release({ number, by: mara });
    expect((await stage.showNumber(number))?.number).toMatchObject({
      ...{ state: 'resting', publisher: null, pool: 'toll-free' },
      rests_until: '2026-03-31T12:00:00.250Z',
    });
    const application = await stage.applied('solar');
    later(30 * day - 1);
    expect(await stage.approve({ application, by: mara })).toMatchObject({ reason: 'empty_pool' });
    later(1);
    expect(await stateOf(number)).toBe('free');
    expect(await stage.approve({ application, by: mara })).toMatchObject({
      ...{ ok: true, number, held_from: '2026-03-31T12:00:03.000Z' },
    });
  });

  it('is held, and comes back, by the database’s clock, whatever that of the approver says', async () => {
    stage = publishingStage(db, databaseClock);
    const before = await databaseClock(db);
    const { number } = await stage.approved();
    const approved = await databaseClock(db);
    await stage.release({ number, by: mara });
    const released = await databaseClock(db);
    const [{ held_from, held_until }] = (await holdings()) as [Awaited<ReturnType<typeof holdings>>[number]];
    const instants = [before, held_from, approved, held_until!, released].map((at) => at.getTime());
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  });

  it('changes hands at a whole second that lies 2 s ahead, or when it has rested', () => {
    const now = new Date('2026-03-01T12:00:00.250Z');
    const at = (iso: string) => new Date(`2026-03-01T${iso}Z`);
    expect(beginning(null, now)).toEqual(now);
    expect(beginning(at('11:00:00'), now)).toEqual(at('12:00:03'));
    expect(beginning(at('11:00:00'), at('12:00:00.000'))).toEqual(at('12:00:02'));
    expect(beginning(at('12:00:05.001'), now)).toEqual(at('12:00:06'));
  });

  it('that is taken back before it began was nobody’s, and is held again only after that', async () => {
    const [first] = [await stage.approved()];
    await stage.release({ number: first.number, by: mara });
    await db.insertInto('imported_numbers').values({ number: '+12145559999', pool: 'other' }).execute();
    for (let at = 0; at < 2; at++) await stage.approved();
    const second = await stage.approved();
    expect(second.number).toBe(first.number);
    await stage.release({ number: second.number, by: mara });
    const { history } = (await stage.showNumber(second.number))!;
    expect(history).toMatchObject([
      {
        publisher: second.publisher,
        held_from: '2026-03-01T12:00:03.000Z',
        held_until: '2026-03-01T12:00:03.000Z',
      },
      {
        publisher: first.publisher,
        held_from: '2026-03-01T12:00:00.250Z',
        held_until: '2026-03-01T12:00:00.250Z',
      },
    ]);
    const application = await stage.applied();
    expect(await stage.approve({ application, by: mara })).toMatchObject({ reason: 'empty_pool' });
    later(2_750);
    expect(await stage.approve({ application, by: mara })).toMatchObject({
      held_from: '2026-03-01T12:00:05.000Z',
    });
  });
});

describe('numbers of an application', () => {
  it('are paused, resumed and released with it', async () => {
    const { id, number } = await stage.approved();
    const visitors = await stage.assign({
      ...{ application: id, by: mara, use: 'visitors' },
      number: { kind: 'any' },
    });
    expect(visitors).toMatchObject({ ok: true, number: '+12145550101' });
    await stage.pause({ application: id, by: mara });
    expect((await stage.showNumber(number))?.number).toMatchObject({ state: 'held', paused: true });
    expect((await stage.showNumber('+12145550101'))?.number).toMatchObject({
      state: 'visitors',
      paused: true,
    });
    await stage.resume({ application: id, by: mara });
    expect((await holdings()).map(({ paused }) => paused)).toEqual([false, false]);
    await stage.endApplication({ application: id, by: mara });
    expect((await holdings()).map(({ held_until }) => held_until)).toEqual([stage.now, stage.now]);
  });

  it('are of its pool, free, and given to an approved one', async () => {
    const { id } = await stage.approved('solar');
    const other = await stage.approved('solar');
    const assign = (number: string, by = mara) => stage.assign({ application: id, by, number });
    expect(await assign('+19995550100')).toMatchObject({ reason: 'unknown_number' });
    expect(await assign('nonsense')).toMatchObject({ reason: 'unknown_number' });
    expect(await assign('+12145550101')).toEqual({
      ok: false,
      reason: 'not_in_pool',
      message: '+12145550101 is not in pool toll-free of campaign solar',
    });
    expect(await assign('+18005550100')).toMatchObject({
      reason: 'not_free',
      message: '+18005550100 is given to clickwise by the config',
    });
    expect(await assign(other.number)).toMatchObject({
      reason: 'not_free',
      message: `${other.number} is held by ${other.publisher} (application ${other.id})`,
    });
    await stage.release({ number: other.number, by: mara });
    expect(await assign(other.number)).toMatchObject({
      reason: 'not_free',
      message: `${other.number} rests until 2026-03-31T12:00:00.250Z`,
    });
    expect(await assign('(800) 555-0104')).toMatchObject({ ok: true, number: '+18005550104' });
    expect(await assign('+18005550103', asPublisher('clickwise'))).toMatchObject({
      reason: 'unknown_application',
    });
    await stage.pause({ application: id, by: mara });
    expect(await assign('+18005550103')).toMatchObject({ reason: 'wrong_state' });
  });

  it('say in their history who took them back, and why', async () => {
    const { id, number } = await stage.approved();
    const other = await stage.assign({ application: id, by: mara, number: { kind: 'any' } });
    if (!other.ok) throw new Error(other.message);
    expect(await stage.release({ number, by: mara, why: 'two\nlines' })).toMatchObject({ reason: 'bad_why' });
    expect(await stage.release({ number, by: mara, why: 'a complaint' })).toMatchObject({ ok: true });
    const ann = { name: 'ann', publisher: null };
    await stage.endApplication({ application: id, by: ann, why: 'no licence' });
    const history = async (of: string) => (await stage.showNumber(of))?.history;
    expect(await history(number)).toMatchObject([{ released_by: 'mara', released_why: 'a complaint' }]);
    expect(await history(other.number)).toMatchObject([{ released_by: 'ann', released_why: 'no licence' }]);
    // It is as it was said.
    for (const change of ["released_why = 'none'", 'released_by = null'])
      await expect(sql`update holdings set ${sql.raw(change)}`.execute(db)).rejects.toThrow(
        'kept as they were',
      );
    const third = await stage.approved();
    expect(await history(third.number)).toMatchObject([
      { released_by: null, released_why: null, held_until: null },
      ...(third.number === number || third.number === other.number ? [{}] : []),
    ]);
    await expect(
      sql`update holdings set released_by = 'x' where held_until is null`.execute(db),
    ).rejects.toThrow('check constraint');
  });

  it('come back once', async () => {
    const { number } = await stage.approved();
    expect(await stage.release({ number, by: mara })).toMatchObject({ ok: true, number: { state: 'free' } });
    expect(await stage.release({ number, by: mara })).toMatchObject({ reason: 'not_held' });
    expect(await stage.release({ number: '+18005550100', by: mara })).toMatchObject({
      reason: 'given_number',
    });
    expect(await stage.release({ number: '+19995550100', by: mara })).toMatchObject({
      reason: 'unknown_number',
    });
  });
});

describe('the list of numbers', () => {
  it('tells what each is, by number, page by page', async () => {
    const { publisher, number } = await stage.approved('solar');
    await stage.importNumbers('number,pool\n+13125550100,local\n');
    const all = (await stage.listNumbers({ limit: 1000 })).items;
    expect(all).toHaveLength(5 + 3 + 50 + 1);
    expect(all.map((one) => one.number)).toEqual(all.map((one) => one.number).sort());
    const some = (query: object) => stage.listNumbers({ limit: 100, ...query });
    expect((await some({ state: 'given' })).items).toMatchObject([
      { number: '+18005550100', pool: 'toll-free', publisher: 'clickwise', source: 'google-ads' },
    ]);
    expect((await some({ state: 'held' })).items).toMatchObject([{ number, publisher, campaign: 'solar' }]);
    expect((await some({ pool: 'local' })).items.map((one) => one.number)).toEqual([
      ...['+12125550101', '+12145550101', '+12145550102', '+13125550100'],
    ]);
    expect((await some({ publisher })).items).toHaveLength(1);
    expect((await some({ campaign: 'solar' })).items).toHaveLength(2);
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const page = await stage.listNumbers({ limit: 7, ...(next !== null && { after: next }) });
      seen.push(...page.items.map((one) => one.number));
      next = page.next;
    } while (next !== null);
    expect(seen).toEqual(all.map((one) => one.number));
  });

  it('tells the same, whether it is asked for all of them or for some', async () => {
    const { publisher, number } = await stage.approved('solar');
    await stage.importNumbers('number,pool\n+13125550100,local\n+13125550101,many\n');
    const { id } = await stage.approved('roofing');
    await stage.assign({ application: id, by: mara, number: { kind: 'any' }, use: 'visitors' });
    for (let n = 0; n < 3; n++) {
      const released = await stage.approved(n === 0 ? 'roofing' : 'windows');
      await stage.release({ number: released.number, by: mara });
    }
    await db.insertInto('imported_numbers').values({ number: '+12145559999', pool: 'gone' }).execute();
    const { items: all } = await stage.listNumbers({ limit: 1000 });
    expect(new Set(all.map(({ state }) => state)).size).toBe(5);
    for (const query of [
      ...(['free', 'given', 'held', 'resting', 'visitors'] as const).map((state) => ({ state })),
      ...[{ publisher }, { publisher: 'clickwise' }, { publisher: 'nobody' }, { pool: 'many' }],
      ...['solar', 'roofing', 'windows'].map((campaign) => ({ campaign })),
      ...[
        { publisher, state: 'held' as const },
        { publisher, state: 'free' as const },
      ],
      ...[
        { publisher, campaign: 'roofing' },
        { publisher: 'clickwise', campaign: 'solar' },
      ],
      ...[
        { campaign: 'solar', state: 'given' as const },
        { pool: 'many', state: 'resting' as const },
      ],
    ])
      expect(await stage.listNumbers({ limit: 1000, ...query }), JSON.stringify(query)).toEqual({
        items: all.filter((one) =>
          Object.entries(query).every(([key, is]) => one[key as keyof typeof one] === is),
        ),
        next: null,
      });
    const later = await stage.listNumbers({ limit: 1, campaign: 'solar', after: '+18005550100' });
    expect(later).toMatchObject({ items: [{ number }], next: null });
  });

  it('has those whose pool has gone while they are held', async () => {
    const { number, publisher } = await stage.approved('windows');
    stage.given = { ...aGiven(), pools: new Map() };
    expect((await stage.listNumbers({ limit: 9, publisher })).items).toMatchObject([
      { number, pool: null, state: 'held' },
    ]);
    expect(await stage.showNumber('+19995550100')).toBeNull();
  });
});

describe('an import', () => {
  it('takes all lines, as they are written by people and spreadsheets', async () => {
    expect(
      await stage.importNumbers(
        '\uFEFFPool,Number\r\nlocal,"(312) 555-0100"\r\n\r\nmany, +1 888 555 9000\r\n',
      ),
    ).toEqual({ ok: true, imported: 2 });
    expect((await stage.showNumber('+13125550100'))?.number).toMatchObject({ pool: 'local', state: 'free' });
    const application = await stage.applied('windows');
    expect(
      await stage.approve({ application, by: mara, number: { kind: 'area_code', areaCode: '888' } }),
    ).toMatchObject({ ok: true });
  });

  it('names every error by its line, and takes nothing of such a file', async () => {
    await stage.importNumbers('number,pool\n+13125550199,local\n');
    const file = [
      ...['number,pool', '+13125550100,local', 'twelve,local', '+13125550101,nowhere', '+13125550100,local'],
      ...[
        '+13125550102',
        '+18005550101,local',
        '+13125550199,local',
        '+13125550103,local,x',
        '',
        '"+1312"x,a',
        '+13125550104,local',
        '+13125550105,b',
      ],
    ];
    expect(await stage.importNumbers(file.join('\n'))).toEqual({
      ok: false,
      reason: 'bad_file',
      message: 'nothing is imported: the file has 9 errors',
      problems: [
        { line: 3, message: '"twelve" is not a telephone number' },
        { line: 4, message: 'there is no pool "nowhere"' },
        { line: 5, message: '+13125550100 stands on line 2 already' },
        { line: 6, message: 'has 1 column, not 2' },
        { line: 7, message: '+18005550101 is in pool toll-free of the config already' },
        { line: 8, message: '+13125550199 was imported before: it is in pool local' },
        { line: 9, message: 'has 3 columns, not 2' },
        { line: 11, message: 'its quotes do not close' },
        { line: 13, message: 'there is no pool "b"' },
      ],
    });
    expect(await stage.showNumber('+13125550100')).toBeNull();
    for (const bad of ['', 'phone,pool\n+1,local', '+13125550100,local'])
      expect(await stage.importNumbers(bad)).toMatchObject({
        problems: [{ line: 1, message: 'the first line must be number,pool' }],
      });
    expect(await stage.importNumbers('number,pool\n"+13125550100,local\n')).toMatchObject({
      problems: [{ line: 2, message: 'its quotes do not close' }],
    });
  });

  it('of the same numbers twice at once stands once', async () => {
    const file = ['number,pool', ...range(13125550000, 300).map((number) => `${number},local`)].join('\n');
    const answers = await Promise.all(switches(2).map((each) => each.importNumbers(file)));
    expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ problems: { length: 300 } });
  });
});

describe('campaigns', () => {
  it('are those of the config, with who works for them and what their pool has left', async () => {
    const { id } = await stage.approved('solar');
    await stage.applied('solar');
    await stage.pause({ application: id, by: mara });
    expect(await stage.showCampaign('solar')).toEqual({
      ...{ id: 'solar', name: 'solar', advertiser: null, pool: 'toll-free', publishers: 2 },
      ...{ waiting: 1, approved: 0, paused: 1, numbers: 2, free: 3 },
    });
    expect((await stage.listCampaigns()).map(({ id: name, free }) => [name, free])).toEqual([
      ...[
        ['solar', 3],
        ['roofing', 3],
        ['windows', 50],
        ['poolless', 0],
      ],
    ]);
    expect(await stage.showCampaign('nothing')).toBeNull();
  });
});

describe('a clash', () => {
  it('is a number that the config gives to one while another holds it', async () => {
    const { id, number, publisher } = await stage.approved('solar');
    expect(await numberClashes(db, stage.given)).toEqual([]);
    stage.given = aGiven({ numbers: new Map([givenNumber(number)]) });
    expect(await numberClashes(db, stage.given)).toEqual([
      {
        number,
        given: { campaign: 'solar', publisher: 'clickwise', source: 'google-ads' },
        held: { campaign: 'solar', publisher, source: null, application: id },
      },
    ]);
    expect((await stage.showNumber(number))?.number).toMatchObject({
      state: 'given',
      publisher: 'clickwise',
    });
    await stage.release({ number, by: mara });
    expect(await numberClashes(db, stage.given)).toEqual([]);
  });

  it('is told in the log once, and counted while it lasts', async () => {
    const { id, number, publisher } = await stage.approved('solar');
    const metrics = new Metrics();
    const told: object[] = [];
    const log = (level: string, event: string, fields: object = {}) =>
      void told.push({ level, event, ...fields });
    const events = createEvents(log, metrics);
    const look = () => lookForClashes({ db, given: () => stage.given, events, log });
    const count = async () =>
      (await metrics.getSingleMetric('tollbridge_number_clashes')!.get()).values[0]?.value;
    stage.given = aGiven({ numbers: new Map([givenNumber(number)]) });
    await look();
    await look();
    const clash = {
      ...{ level: 'warn', event: 'number_clash', number, application: id },
      given: 'clickwise for solar as google-ads',
      held: `${publisher} for solar`,
    };
    expect(told).toEqual([clash]);
    expect(await count()).toBe(1);
    stage.given = aGiven();
    await look();
    expect(await count()).toBe(0);
    stage.given = aGiven({ numbers: new Map([givenNumber(number)]) });
    await look();
    expect(told).toEqual([clash, clash]);
  });

  it('that cannot be looked for stops nobody', async () => {
    const told: string[] = [];
    const unreachable = openRecords({ url: 'postgres://nobody@127.0.0.1:1/none', log: quiet });
    others.push(unreachable);
    await lookForClashes({
      db: unreachable.db,
      given: () => stage.given,
      events: { numbersClash: () => told.push('clashes') },
      log: (_, event) => void told.push(event),
    });
    expect(told).toEqual(['number_clashes_unknown']);
  });
});
