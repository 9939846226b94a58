import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { after, type Step } from '../../src/publishers/application-states.ts';
import type { ApplicationState } from '../../src/records/schema/publishers.ts';
import { asPublisher, mara, publishingStage, type PublishingStage } from './support/publishing-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let stage: PublishingStage;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  stage = publishingStage((await database.fresh()).db);
});

describe('publishers', () => {
  it('are those of the config and those who were added, in order', async () => {
    await stage.addPublisher({ id: 'adroit', name: 'Adroit Media' });
    await stage.addPublisher({ id: 'zephyr', name: 'Zephyr' });
    expect(await stage.listPublishers({ limit: 10 })).toMatchObject({
      items: [
        { id: 'adroit', name: 'Adroit Media', state: 'active', given: false },
        { id: 'clickwise', name: 'Clickwise', state: 'active', given: true, created_at: null },
        { id: 'zephyr', given: false },
      ],
      next: null,
    });
    const page = await stage.listPublishers({ limit: 2 });
    expect(page.items.map(({ id }) => id)).toEqual(['adroit', 'clickwise']);
    expect((await stage.listPublishers({ limit: 2, after: page.next! })).items).toMatchObject([
      { id: 'zephyr' },
    ]);
    expect(await stage.showPublisher('clickwise')).toMatchObject({ given: true });
    expect(await stage.showPublisher('nobody')).toBeNull();
  });

  it('are added once, under an id and a name that can be read', async () => {
    expect(await stage.addPublisher({ id: 'adroit', name: 'A' })).toMatchObject({ ok: true });
    expect(await stage.addPublisher({ id: 'adroit', name: 'B' })).toMatchObject({ reason: 'already_there' });
    expect(await stage.addPublisher({ id: 'clickwise', name: 'B' })).toMatchObject({
      reason: 'already_there',
      message: 'publisher clickwise is given by the config',
    });
    for (const id of ['', 'a b', '-a', 'a/b', 'é', 'x'.repeat(65), 'a\0'])
      expect(await stage.addPublisher({ id, name: 'N' })).toMatchObject({ reason: 'bad_id' });
    for (const name of ['', ' ', 'a\nb', '\u0000', 'x'.repeat(201)])
      expect(await stage.addPublisher({ id: 'n', name })).toMatchObject({ reason: 'bad_name' });
    expect((await stage.showPublisher('adroit'))?.name).toBe('A');
  });

  it('leave with all that they applied for, and their numbers come back', async () => {
    const { id, publisher, number } = await stage.approved('solar');
    const waiting = await stage.apply({ publisher, campaign: 'roofing' });
    expect(await stage.endPublisher({ publisher, by: mara, why: 'fraud' })).toMatchObject({
      ok: true,
      publisher: { state: 'ended' },
      released: [number],
    });
    expect(await stage.showApplication(id, mara)).toMatchObject({
      state: 'ended',
      why: 'fraud',
      numbers: [],
    });
    expect(waiting.ok && (await stage.showApplication(waiting.application.id, mara))).toMatchObject({
      state: 'refused',
    });
    expect(await stage.apply({ publisher, campaign: 'solar' })).toMatchObject({ reason: 'ended_publisher' });
    expect(await stage.endPublisher({ publisher, by: mara })).toMatchObject({ reason: 'already_ended' });
    expect((await stage.listPublishers({ limit: 9, state: 'ended' })).items).toMatchObject([
      { id: publisher },
    ]);
  });

  it('of the config end there', async () => {
    expect(await stage.endPublisher({ publisher: 'clickwise', by: mara })).toMatchObject({
      reason: 'given_publisher',
    });
    expect(await stage.endPublisher({ publisher: 'nobody', by: mara })).toMatchObject({
      reason: 'unknown_publisher',
    });
  });
});

describe('an application', () => {
  it('is one for each publisher, campaign and source while it lives', async () => {
    const ask = (source?: string) =>
      stage.apply({ publisher: 'clickwise', campaign: 'roofing', ...(source !== undefined && { source }) });
    const [first, second] = await Promise.all([ask('radio'), ask('radio')]);
    const made = first.ok ? first : second;
    expect([first.ok, second.ok].sort()).toEqual([false, true]);
    expect(await ask('radio')).toMatchObject({ reason: 'already_applied' });
    expect(await ask()).toMatchObject({ ok: true });
    expect(await ask()).toMatchObject({ reason: 'already_applied' });
    expect(await ask('tv')).toMatchObject({ ok: true });
    if (!made.ok) throw new Error('neither was made');
    await stage.withdraw({ application: made.application.id, by: asPublisher('clickwise') });
    expect(await ask('radio')).toMatchObject({
      ok: true,
      application: { state: 'applied', source: 'radio' },
    });
  });

  it('is for a campaign that is there and has a pool', async () => {
    const ask = (campaign: string) => stage.apply({ publisher: 'clickwise', campaign });
    expect(await ask('nothing')).toMatchObject({
      reason: 'unknown_campaign',
      message: 'there is no campaign nothing',
    });
    expect(await ask('poolless')).toMatchObject({ reason: 'no_pool' });
    const application = await stage.applied('windows');
    const { network } = stage.given;
    const campaigns = new Map([...network.campaigns].filter(([id]) => id !== 'windows'));
    stage.given = { ...stage.given, network: { ...network, campaigns } };
    expect(await ask('windows')).toMatchObject({
      reason: 'ended_campaign',
      message: 'campaign windows has ended',
    });
    expect(await stage.approve({ application, by: mara })).toMatchObject({ reason: 'ended_campaign' });
    expect(await stage.apply({ publisher: 'nobody', campaign: 'solar' })).toMatchObject({
      reason: 'unknown_publisher',
    });
    expect(await stage.apply({ publisher: 'clickwise', campaign: 'solar', source: 'a\nb' })).toMatchObject({
      reason: 'bad_source',
    });
  });

  const table: Readonly<Record<ApplicationState, Partial<Record<Step, ApplicationState>>>> = {
    applied: { approve: 'approved', refuse: 'refused', withdraw: 'withdrawn' },
    approved: { pause: 'paused', end: 'ended' },
    paused: { resume: 'approved', end: 'ended' },
    refused: {},
    withdrawn: {},
    ended: {},
  };
  const ways: Readonly<Record<ApplicationState, readonly Step[]>> = {
    applied: [],
    approved: ['approve'],
    paused: ['approve', 'pause'],
    refused: ['refuse'],
    withdrawn: ['withdraw'],
    ended: ['approve', 'end'],
  };
  const steps: readonly Step[] = ['approve', 'refuse', 'withdraw', 'pause', 'resume', 'end'];
  const take = (application: string, step: Step) =>
    stage[step === 'end' ? 'endApplication' : step]({ application, by: mara });

  it.each(Object.keys(table) as ApplicationState[])('that is %s takes its own steps alone', async (state) => {
    for (const step of steps) {
      const application = await stage.applied('windows');
      for (const before of ways[state]) expect(await take(application, before)).toMatchObject({ ok: true });
      const next = table[state][step] ?? null;
      expect(after(state, step)).toBe(next);
      const answer = await take(application, step);
      expect(answer).toMatchObject(next === null ? { ok: false, reason: 'wrong_state' } : { ok: true });
      const { state: stands, numbers } = (await stage.showApplication(application, mara))!;
      expect(stands).toBe(next ?? state);
      expect(numbers).toHaveLength(stands === 'approved' || stands === 'paused' ? 1 : 0);
    }
  });

  it('of another publisher is not there', async () => {
    const application = await stage.applied();
    const by = asPublisher('clickwise');
    expect(await stage.withdraw({ application, by })).toMatchObject({ reason: 'unknown_application' });
    expect(await stage.approve({ application, by })).toMatchObject({ reason: 'unknown_application' });
    expect(await stage.showApplication(application, by)).toBeNull();
    expect(await stage.withdraw({ application: 'none', by: mara })).toMatchObject({
      reason: 'unknown_application',
    });
  });

  it('tells who decided, when and why, in one line', async () => {
    const application = await stage.applied();
    expect(await stage.refuse({ application, by: mara, why: 'a\nb' })).toMatchObject({ reason: 'bad_why' });
    expect(await stage.refuse({ application, by: mara, why: 'no licence' })).toMatchObject({
      ok: true,
      application: {
        ...{ state: 'refused', decided_by: 'mara', why: 'no licence', numbers: [] },
        decided_at: '2026-03-01T12:00:00.250Z',
      },
    });
  });

  it('is listed, the newest first, page by page', async () => {
    const made: string[] = [];
    for (let at = 0; at < 5; at++) {
      // Two at the same instant.
      if (at !== 3) stage.now = new Date(stage.now.getTime() + 1000);
      made.push(await stage.applied(at % 2 === 0 ? 'roofing' : 'windows'));
    }
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const page = await stage.listApplications({ limit: 2, ...(next !== null && { after: next }) });
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
    } while (next !== null);
    const [a, b, c, d, e] = made as [string, string, string, string, string];
    expect(seen).toEqual([e, ...[c, d].sort(), b, a]);
    expect((await stage.listApplications({ limit: 9, campaign: 'windows' })).items).toHaveLength(2);
    await stage.refuse({ application: a, by: mara });
    expect((await stage.listApplications({ limit: 9, state: 'refused' })).items).toMatchObject([{ id: a }]);
    expect((await stage.listApplications({ limit: 9, publisher: 'clickwise' })).items).toEqual([]);
  });
});
