/** `npm run drill -- NAME`: rehearses what must never happen, against the real switch. One file a drill. */
import { parseArgs } from 'node:util';
import { crashDrill } from './crash.ts';
import { faults } from './faults/index.ts';
import { inATable } from './faults/in-a-table.ts';
import { runFault, type FaultReport } from './faults/run.ts';
import { soak } from './soak.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '20' },
  },
});
const name = positionals[0] ?? '';
const rounds = Number(values.rounds);
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const say = (line: string) => process.stdout.write(`${line}\n`);

const stopped = new AbortController();
const options = { say, stopped: stopped.signal };
const asked = faults.filter((fault) => name === 'all' || fault.name === name);
const areSane = Number.isInteger(rounds) && rounds > 0 && Number.isInteger(seed) && minutes > 0 && rate > 0;

if (!areSane || (asked.length === 0 && name !== 'crash' && name !== 'soak')) {
  for (const fault of faults) say(`${fault.name.padEnd(18)} ${fault.line}`);
  say(`${'all'.padEnd(18)} these, one after the other`);
  say(`${'crash'.padEnd(18)} kills, full disks and outages at random, under load (--rounds N, --seed S)`);
  say(
    `${'soak'.padEnd(18)} callers and buyers at random, memory watched (--minutes N, --rate CALLS_A_SECOND)`,
  );
  process.exitCode = name === '' ? 0 : 2;
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  const found =
    name === 'crash'
      ? (await crashDrill({ ...options, rounds, seed })).faults
      : name === 'soak'
        ? (await soak({ ...options, minutes, callsPerSecond: rate })).faults
        : await oneByOne();
  process.exitCode = found.length === 0 ? 0 : 1;
}

/** One that could not even be rehearsed is a fault too, and does not keep the others from it. */
async function oneByOne(): Promise<readonly string[]> {
  const reports: FaultReport[] = [];
  const broken: string[] = [];
  for (const fault of asked) {
    if (stopped.signal.aborted) break;
    say(`${fault.name}: ${fault.line}`);
    const report = await runFault(fault).catch((error: unknown) => String(error));
    if (typeof report === 'string') broken.push(`${fault.name}: ${report}`);
    else reports.push(report);
  }
  say(inATable(reports));
  const found = [...reports.flatMap((one) => one.faults.map((what) => `${one.name}: ${what}`)), ...broken];
  for (const what of found) say(`FAULT: ${what}`);
  return found;
}
