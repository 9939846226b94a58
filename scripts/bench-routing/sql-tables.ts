/** The same network and the same past as tables, with the indexes that the decision asks for. */
import type pg from 'pg';
import type { AttributeValue, Condition } from '../../src/conditions/condition.ts';
import { subjectOf } from '../../src/routing/limits.ts';
import type { Buyer, Network, Subject } from '../../src/routing/network.ts';
import { fill, textList } from './database.ts';
import type { Past } from './made-up-past.ts';

/** Into the schema of that name, unless it is there already; it becomes the client's own. */
export async function makeTables(
  client: pg.Client,
  schema: string,
  network: Network,
  past: Past,
): Promise<void> {
  await client.query(`set search_path = ${schema}, public`);
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema]);
  if (rowCount !== 0) return;
  await client.query(`create schema ${schema}; ${tables}`);
  const resting = new Set(past.restingTrunks);
  const buyers = [...network.buyers.values()];
  const offered = new Map(past.offered.map(({ buyer, at }) => [buyer, at]));
  const put = (table: string, types: readonly string[], rows: Iterable<readonly unknown[]>): Promise<void> =>
    fill(client, table, types, rows);

  await put(
    'trunks',
    ['text', 'text', 'bool', 'int', 'int', 'int'],
    [...network.trunks.values()].map(({ id, concurrency, cps }) => [
      id,
      subjectOf.trunk(id),
      !resting.has(id),
      concurrency,
      cps,
      0,
    ]),
  );
  await put(
    'buyers',
    ['text', 'text', 'text', 'text', 'bool', 'bool', 'int', 'bigint', 'bigint'],
    buyers.map((buyer) => [
      buyer.id,
      subjectOf.buyer(buyer.id),
      buyer.trunk,
      buyer.timezone,
      buyer.paused,
      buyer.hours === 'always',
      buyer.concurrency,
      buyer.spacing,
      offered.get(buyer.id) ?? null,
    ]),
  );
  await put('hours', ['text', 'int', 'int', 'int'], buyers.flatMap(weeklyRows));
  await put('exceptions', ['text', 'date', 'int', 'int'], buyers.flatMap(exceptionRows));
  await put(
    'conditions',
    ['text', 'int', 'text', 'text', 'text[]', 'numeric', 'numeric'],
    buyers.flatMap(({ id, accepts }) =>
      accepts.flatMap((condition, clause) => clauseRows(condition).map((row) => [id, clause, ...row])),
    ),
  );
  await put(
    'publishers',
    ['text', 'text', 'int'],
    [...network.publishers.values()].map(({ id, concurrency }) => [id, subjectOf.publisher(id), concurrency]),
  );
  const campaigns = [...network.campaigns.values()];
  await put(
    'campaigns',
    ['text', 'text', 'int', 'bigint'],
    campaigns.map(({ id, concurrency, repeatCaller }) => [
      id,
      subjectOf.campaign(id),
      concurrency,
      repeatCaller?.within ?? null,
    ]),
  );
  await put(
    'routes',
    ['text', 'text', 'text', 'int', 'int', 'int'],
    campaigns.flatMap(({ id, routing }) =>
      routing.routes.map(({ buyer, priority, weight, concurrency }) => [
        id,
        buyer,
        subjectOf.route(id, buyer),
        priority,
        weight,
        concurrency,
      ]),
    ),
  );
  await put('caps', ['text', 'text', 'text', 'bigint'], capRows(network));
  await put(
    'counters',
    ['text', 'text', 'text', 'bigint'],
    past.counted.map(({ subject, count, per, amount }) => [subject, count, per, amount]),
  );
  await put('live', ['text', 'int', 'int'], liveRows(past));
  await client.query('analyze');
}

/** Nothing else of the past depends on which calls are to come. */
export async function knowCallers(client: pg.Client, past: Past): Promise<void> {
  await client.query('truncate seen');
  await fill(
    client,
    'seen',
    ['text', 'text', 'text', 'bigint'],
    latestSeen(past).map(({ caller, campaign, buyer, at }) => [caller, campaign, buyer, at]),
  );
  await client.query('analyze seen');
}

const tables = `
create table trunks (
  id text primary key, subject text not null, up bool not null, concurrency int, cps int, started int not null);
create table buyers (
  id text primary key, subject text not null, trunk text not null references trunks, timezone text not null,
  paused bool not null, always bool not null, concurrency int, spacing bigint not null, last_offered bigint);
create table hours (buyer text not null, weekday int not null, from_minute int not null, to_minute int not null);
create index on hours (buyer, weekday) include (from_minute, to_minute);
create table exceptions (buyer text not null, day date not null, from_minute int, to_minute int);
create index on exceptions (buyer, day) include (from_minute, to_minute);
create table conditions (
  buyer text not null, clause int not null, attribute text not null, kind text not null, texts text[],
  low numeric, high numeric);
create index on conditions (buyer);
create table publishers (id text primary key, subject text not null, concurrency int);
create table campaigns (id text primary key, subject text not null, concurrency int, repeat_within bigint);
create table routes (
  campaign text not null, buyer text not null, subject text not null, priority int not null, weight int not null,
  concurrency int, primary key (campaign, buyer));
create table caps (
  subject text, count text, per text, most bigint not null, primary key (subject, count, per) include (most));
create table counters (
  subject text, count text, per text, value bigint not null, primary key (subject, count, per) include (value));
create table live (subject text primary key, held int not null, ringing int not null);
create table seen (
  caller text, campaign text, buyer text, at bigint not null, primary key (caller, campaign, buyer));`;

function weeklyRows({ id, hours }: Buyer): readonly (readonly unknown[])[] {
  if (hours === 'always') return [];
  return [...hours.weekly].flatMap(([weekday, ranges]) =>
    ranges.map(({ from, to }) => [id, weekday, from, to]),
  );
}

/** A day without ranges is a row without minutes: closed. */
function exceptionRows({ id, hours }: Buyer): readonly (readonly unknown[])[] {
  if (hours === 'always') return [];
  return [...hours.except].flatMap(([day, ranges]) =>
    (ranges.length === 0 ? [{ from: null, to: null }] : ranges).map(({ from, to }) => [id, day, from, to]),
  );
}

/** Every clause must hold; a clause holds where one of its rows does. */
function clauseRows(condition: Condition): readonly (readonly unknown[])[] {
  if (condition.kind === 'any') return condition.conditions.flatMap(clauseRows);
  const negated = condition.kind === 'not';
  const inner = negated ? condition.condition : condition;
  switch (inner.kind) {
    case 'is':
      return [[inner.attribute, negated ? 'is not' : 'is', texts(inner.values), null, null]];
    case 'between':
      return [[inner.attribute, 'between', null, inner.from, inner.to]];
    case 'compare':
      return [[inner.attribute, 'between', null, inner.value, 1_000_000]];
    default:
      throw new Error(`the made-up network has no ${inner.kind} here`);
  }
}

const texts = (values: readonly AttributeValue[]): string => textList(values);

function* capRows({ buyers, campaigns, publishers }: Network): Generator<readonly unknown[]> {
  const rows = (subject: Subject, caps: Buyer['caps']): unknown[][] =>
    caps.map(({ count, per, limit }) => [subject, count, per, limit]);
  for (const { id, caps } of buyers.values()) yield* rows(subjectOf.buyer(id), caps);
  for (const { id, caps } of publishers.values()) yield* rows(subjectOf.publisher(id), caps);
  for (const { id, caps, routing } of campaigns.values()) {
    yield* rows(subjectOf.campaign(id), caps);
    for (const route of routing.routes) yield* rows(subjectOf.route(id, route.buyer), route.caps);
  }
}

function liveRows({ leases }: Past): readonly (readonly unknown[])[] {
  const live = new Map<Subject, { held: number; ringing: number }>();
  for (const { subjects, connected } of leases) {
    for (const subject of subjects) {
      const row = live.get(subject) ?? { held: 0, ringing: 0 };
      live.set(subject, row);
      row.held++;
      if (!connected) row.ringing++;
    }
  }
  return [...live].map(([subject, { held, ringing }]) => [subject, held, ringing]);
}

function latestSeen({ seen }: Past): Past['seen'] {
  const latest = new Map<string, Past['seen'][number]>();
  for (const one of seen) {
    const key = `${one.caller}|${one.campaign}|${one.buyer}`;
    if (one.at > (latest.get(key)?.at ?? 0)) latest.set(key, one);
  }
  return [...latest.values()];
}
