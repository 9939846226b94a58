/** Everybody who takes part at one scale, each with what it cost to load and with its rounds. */
import type { BenchDatabase } from './database.ts';
import type { Figures, Round } from './figures.ts';
import { fillKamailioTables, hasWholeList, makeKamailioTables } from './kamailio-tables.ts';
import { findKamailio, install, Kamailio } from './kamailio.ts';
import { madeUpCalls } from './made-up-calls.ts';
import { madeUpNetwork, type Scale } from './made-up-network.ts';
import { OwnProcess } from './own-process.ts';
import { callCount } from './own-decisions.ts';
import { SqlDecisions } from './sql-decisions.ts';

export const droutingRows = {
  one: 'drouting: a rule with one gateway',
  all: 'drouting: a rule with the gateways of 10 buyers',
} as const;

export interface Side {
  readonly name: string;
  readonly loaded: {
    readonly seconds: number;
    readonly megabytes: number | null;
    readonly how: string;
  } | null;
  /** Why it does not take part, where it does not. */
  readonly absent: string | null;
  round(): Promise<Round>;
  stop(): Promise<void>;
}

export async function ownSide(scale: Scale): Promise<Side & { readonly process: OwnProcess }> {
  const process = new OwnProcess();
  const built = await process.ask('build', scale);
  const seconds = (built.indexMs + built.compileMs) / 1_000;
  const how =
    `numbers indexed in ${whole(built.indexMs)} ms, table compiled in ${whole(built.compileMs)} ms; ` +
    `${whole(built.tableUsed)} MB of it objects and arrays; ${built.eligible.toFixed(1)} buyers eligible a call`;
  return {
    name: 'tollbridge',
    loaded: { seconds, megabytes: built.tableRss, how },
    absent: null,
    process,
    round: () => process.ask('round', null),
    stop: () => process.stop(),
  };
}

export async function mapSide(scale: Scale): Promise<Side> {
  const process = new OwnProcess();
  const { ms, megabytes } = await process.ask('buildMap', scale);
  return {
    name: 'Map',
    loaded: { seconds: ms / 1_000, megabytes, how: 'number → buyers and weights of its campaign' },
    absent: null,
    round: () => process.ask('round', null),
    stop: () => process.stop(),
  };
}

/** At 10 routes a campaign, whatever the scale says: 200 gateways a rule take it as much longer as they are more. */
export async function droutingSide(database: BenchDatabase, { numbers }: Scale): Promise<Side> {
  const found = findKamailio();
  if (found === null) return absent('drouting', `not installed; to compare with it: ${install}`);
  const scale = { numbers, routes: 10 };
  const [empty, full] = [`none_${numbers}_`, `all_${numbers}_`];
  // A rule takes about a kilobyte.
  const sharedMegabytes = 512 + numbers / 500;
  const options = { ...found, database: database.url, sharedMegabytes };
  await makeKamailioTables(database.client, empty);
  const bare = await Kamailio.start({ ...options, tables: empty });
  const bareMegabytes = await bare.megabytes();
  await bare.stop();
  await makeKamailioTables(database.client, full);
  await fillKamailioTables(database.client, full, madeUpNetwork(scale, new Map()));
  const kamailio = await Kamailio.start({ ...options, tables: full });
  const called = madeUpCalls(scale, callCount).map(({ to }) => to);
  const kinds = {
    [droutingRows.one]: called.filter((number) => !hasWholeList(number)).slice(0, 4_000),
    [droutingRows.all]: called.filter(hasWholeList).slice(0, 4_000),
  };
  return {
    name: 'drouting',
    loaded: {
      seconds: kamailio.seconds - bare.seconds,
      megabytes: (await kamailio.megabytes()) - bareMegabytes,
      how: 'rules from Postgres, 1,000 gateways; more than without any rule',
    },
    absent: null,
    round: async () => {
      const round: Record<string, Figures> = {};
      for (const [row, some] of Object.entries(kinds)) {
        const { figures, found: routed } = await kamailio.route(some);
        if (routed !== some.length) throw new Error(`drouting found ${routed} of ${some.length} numbers`);
        round[row] = figures;
      }
      return round;
    },
    stop: () => kamailio.stop(),
  };
}

export async function sqlSide(
  { url }: BenchDatabase,
  scale: Scale,
  count: number,
): Promise<Side & { eligible(at: number): Promise<readonly string[]> }> {
  const sql = await SqlDecisions.build(url, `routes_${scale.routes}`, scale);
  return {
    name: 'Postgres',
    loaded: null,
    absent: null,
    round: () => sql.round(count),
    eligible: (at) => sql.eligible(at),
    stop: () => sql.stop(),
  };
}

function absent(name: string, why: string): Side {
  return {
    name,
    loaded: null,
    absent: why,
    round: () => Promise.resolve({}),
    stop: () => Promise.resolve(),
  };
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
