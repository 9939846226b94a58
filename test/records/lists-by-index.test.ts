/** Lists that are asked for often read what they tell, however much else there is. */
import { CompiledQuery, sql, type Kysely, type RootOperationNode } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../../migrations/index.ts';
import { countFree, firstFree } from '../../src/publishers/free-numbers.ts';
import { forgetAnswers } from '../../src/records/api/answers.ts';
import { listCalls, type CallsQuery } from '../../src/records/list-calls.ts';
import { listPayouts } from '../../src/records/list-payouts.ts';
import type { Schema } from '../../src/records/schema.ts';
import { day, mara, publishingStage } from './support/publishing-stage.ts';
import { startTestDatabase, type TestDatabase } from './support/test-database.ts';

let database: TestDatabase;
let db: Kysely<Schema>;
beforeAll(async () => {
  database = await startTestDatabase();
  ({ db } = await database.fresh());
  await manyCalls(db);
});
afterAll(() => database.stop());

const many = 40_000;

/** Two months of them; `few` had five, long ago, each of the others thousands. */
async function manyCalls(into: Kysely<Schema>): Promise<void> {
  const nth = (name: string) => sql`case when n <= 5 then 'few' else ${name}::text || n % 8 end`;
  await sql`select make_records_month('2026-02-01Z'), make_records_month('2026-03-01Z')`.execute(into);
  await sql`
    insert into calls (id, started_at, connected_at, ended_at, from_number, to_number, carrier, campaign, publisher,
      attributes, outcome, cause, hung_up_by, buyer, connected_ms, inbound_ms, media, plan, left_out, table_hash,
      revenue, revenue_reason, payout, payout_reason, converted)
    select 'call-' || n, at, at, at + interval '1 minute', ${nth('caller')}, '+18005550100', 'voxlink',
      ${nth('campaign')}, ${nth('publisher')}, '{}', 'connected', 'caller_hangup', 'caller', ${nth('buyer')}, 60000, 60000,
      'direct', '[]', '[]', 'table', 0, '', 0, '', false
      from generate_series(1, ${many}::int) n, lateral (select timestamptz '2026-02-01Z' + n * interval '2 minutes' as at)`.execute(
    into,
  );
  await sql`analyze calls`.execute(into);
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How the database finds what the story asks of it: the steps of all of its statements. */
async function stepsOf(story: (db: Kysely<Schema>) => Promise<unknown>): Promise<readonly PlanNode[]> {
  const asked: RootOperationNode[] = [];
  await story(
    db.withPlugin({
      transformQuery: ({ node }) => {
        asked.push(node);
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    }),
  );
  const steps: PlanNode[] = [];
  for (const node of asked) {
    const { sql: text, parameters } = db.getExecutor().compileQuery(node, { queryId: 'explained' });
    const { rows } = await db.executeQuery<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
      CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters]),
    );
    for (const { Plan } of rows.flatMap((row) => row['QUERY PLAN'])) steps.push(...stepsIn(Plan));
  }
  return steps;
}

const stepsIn = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(stepsIn)];

const readWhole = (steps: readonly PlanNode[], table: string): readonly PlanNode[] =>
  steps.filter(
    (step) => step['Node Type'] === 'Seq Scan' && step['Relation Name']?.startsWith(table) === true,
  );

const thrownAway = (steps: readonly PlanNode[]): number =>
  steps.reduce((sum, step) => sum + (step['Rows Removed by Filter'] ?? 0) * step['Actual Loops'], 0);

describe('the newest calls', () => {
  it.each<[string, Omit<CallsQuery, 'limit'>, number]>([
    ['of a publisher', { publisher: 'publisher3' }, 50],
    ['of one that has few', { publisher: 'few' }, 5],
    ['of a campaign', { campaign: 'campaign3' }, 50],
    ['of one that has few', { campaign: 'few' }, 5],
    ['of a buyer', { buyer: 'buyer3' }, 50],
    ['of one that has few', { buyer: 'few' }, 5],
    ['of a caller', { from: 'caller3' }, 50],
    ['of one that called seldom', { from: 'few' }, 5],
    ['of all', {}, 50],
    [
      'of a publisher, behind others',
      { publisher: 'publisher3', after: { startedAt: new Date('2026-02-20T00:00:00Z'), id: 'call-1' } },
      50,
    ],
  ])('%s: %j', async (_, query, found) => {
    expect(await listCalls(db, { ...query, limit: 50 })).toHaveLength(found);
    const steps = await stepsOf((asked) => listCalls(asked, { ...query, limit: 50 }));
    expect(readWhole(steps, 'calls')).toEqual([]);
    expect(thrownAway(steps)).toBeLessThan(1_000);
  });
});

it('what a publisher is owed is counted from its own calls', async () => {
  const steps = await stepsOf((asked) => listPayouts(asked, { publisher: 'few' }));
  expect(readWhole(steps, 'calls')).toEqual([]);
  expect(thrownAway(steps)).toBeLessThan(1_000);
});

it('answers are forgotten by their age', async () => {
  await sql`
    insert into api_answers (token, key, request, status, body, created_at)
    select 'token', n::text, '', 200, '', now() - n * interval '1 second' from generate_series(1, 87000) n`.execute(
    db,
  );
  await sql`analyze api_answers`.execute(db);
  const steps = await stepsOf((asked) => forgetAnswers(asked));
  expect(readWhole(steps, 'api_answers')).toEqual([]);
});

it('what is free is asked of how numbers stand, not of all who ever held them', async () => {
  const stage = publishingStage(db);
  for (let n = 0; n < 8; n++) {
    await stage.release({ number: (await stage.approved()).number, by: mara });
    stage.now = new Date(stage.now.getTime() + day);
  }
  const held = await stage.approved();
  const asked = { choice: { kind: 'any' }, now: stage.now } as const;
  for (const ask of [
    (given: Kysely<Schema>) => countFree(given, stage.given, 'local', stage.now),
    (given: Kysely<Schema>) => firstFree(given, stage.given, 'local', asked),
  ]) {
    const tables = (await stepsOf(ask)).flatMap((step) => step['Relation Name'] ?? []);
    expect(tables).toContain('last_holdings');
    expect(tables).not.toContain('holdings');
  }
  const { rows: standing } = await sql`select * from last_holdings order by number`.execute(db);
  const { rows: ofAll } = await sql`
    select number, bool_or(held_until is null) as is_held, max(held_until) as free_since
      from holdings group by number order by number`.execute(db);
  expect(standing).toEqual(ofAll);
  expect(standing).toContainEqual(expect.objectContaining({ number: held.number, is_held: true }));
});

it('how numbers stand is known of those that were held before it was noted', async () => {
  const { db: old } = await database.fresh();
  const stage = publishingStage(old);
  await stage.release({ number: (await stage.approved()).number, by: mara });
  await stage.approved();
  const standing = () => sql`select * from last_holdings order by number`.execute(old);
  const { rows: noted } = await standing();
  expect(noted).toHaveLength(2);
  await sql`drop table last_holdings`.execute(old);
  await sql`drop trigger holdings_note_last on holdings`.execute(old);
  await sql`drop function note_last_holding`.execute(old);
  for (const index of ['calls_of_publisher', 'calls_of_campaign', 'api_answers_by_age', 'holdings_released'])
    await sql`drop index ${sql.id(index)}`.execute(old);
  await migrations['0015-lists']?.up(old);
  expect((await standing()).rows).toEqual(noted);
});
