/**
 * `npm run bench:routing`: how fast the routing decision is, and how much it takes, beside what else could make it. All
 * in one run, in turn, so that a busy machine is busy for everyone. `--quick`: the smaller network only, its
 * table swapped at 10 routes only. `--profile`: and where the time of a decision goes.
 */
import { cpus, loadavg } from 'node:os';
import { openBenchDatabase, type BenchDatabase } from './database.ts';
import { medianOf, type Figures, type Round } from './figures.ts';
import { madeUpCalls } from './made-up-calls.ts';
import type { Scale } from './made-up-network.ts';
import { OwnProcess } from './own-process.ts';
import { printDecisions, printLoads, printProfile, printStalls, say } from './report.ts';
import { droutingSide, mapSide, ownSide, sqlSide, type Side } from './sides.ts';

const quick = process.argv.includes('--quick');
const sizes = quick ? [383_000] : [383_000, 1_000_000];
const rounds = quick ? 2 : 3;
const queries = quick ? 100 : 200;

process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));

const machine = cpus();
say(`${machine.length} cores of ${machine[0]?.model.trim() ?? 'unknown make'}, Node.js ${process.version}`);
const database = await openBenchDatabase();
try {
  for (const numbers of sizes) await benchmark(database, numbers);
} finally {
  await database.stop();
}

async function benchmark(on: BenchDatabase, numbers: number): Promise<void> {
  await on.numbers(numbers);
  const drouting = await droutingSide(on, { numbers, routes: 10 });
  for (const routes of [10, 200]) await compare(on, { numbers, routes }, drouting);
  await drouting.stop();
}

async function compare(on: BenchDatabase, scale: Scale, drouting: Side): Promise<void> {
  const own = await ownSide(scale);
  const sql = await sqlSide(on, scale, queries);
  const sides = [own, await mapSide(scale), drouting, sql];
  say(
    `\n${scale.numbers.toLocaleString('en-US')} numbers, 10,000 buyers, 2,000 campaigns of ${scale.routes} routes` +
      ` (load average ${loadavg()
        .map((load) => load.toFixed(1))
        .join(' ')})`,
  );
  await agree(own, sql, scale);
  printLoads(sides);
  printDecisions(await inTurn(sides), sides);
  if (process.argv.includes('--profile')) printProfile(await own.process.ask('profile', null));
  for (const side of sides) if (side !== drouting) await side.stop();

  if (quick && scale.routes > 10) return;
  const swapping = new OwnProcess();
  printStalls(await swapping.ask('swap', { scale, perSecond: 500, swaps: quick ? 1 : 2 }));
  await swapping.stop();
}

async function inTurn(sides: readonly Side[]): Promise<ReadonlyMap<string, Figures>> {
  const seen = new Map<string, Figures[]>();
  // The first round warms everybody up, and is not counted.
  for (let round = -1; round < rounds; round++) {
    for (const side of sides) {
      const took: Round = await side.round();
      if (round < 0) continue;
      for (const [row, figures] of Object.entries(took)) seen.set(row, [...(seen.get(row) ?? []), figures]);
    }
  }
  return new Map([...seen].map(([row, figures]) => [row, medianOf(figures)]));
}

/** A comparison of two that decide differently would be none. */
async function agree(
  own: { readonly process: OwnProcess },
  sql: { eligible(at: number): Promise<readonly string[]> },
  scale: Scale,
): Promise<void> {
  const ours = await own.process.ask('eligible', 100);
  for (const [at, buyers] of ours.entries()) {
    const theirs = (await sql.eligible(at)).toSorted().join(' ');
    if (buyers.toSorted().join(' ') === theirs) continue;
    throw new Error(
      `call ${at} to ${madeUpCalls(scale, at + 1)[at]?.to ?? ''}: the query finds other buyers: ${theirs}`,
    );
  }
  say(`The query and the table name the same eligible buyers for ${ours.length} of ${ours.length} calls.`);
}
