/**
 * `npm run bench:calls`: how many calls a second go through the switch, at what cost and with what delay, beside what
 * else could carry them, in turn in one run: the same far ends, pinned apart from what is measured. On the embedded
 * engine, or on the servers that TOLLBRIDGE_DRACHTIO and TOLLBRIDGE_FREESWITCH name. `--quick`: once, in short steps.
 */
import { cpus, loadavg } from 'node:os';
import { bareSide } from './bare-side.ts';
import { cleanRate, measured, type Limit } from './clean-rate.ts';
import { cores, pin } from './cores.ts';
import { directSide } from './direct-side.ts';
import { kamailioSide } from './kamailio-side.ts';
import { talkUntilLate } from './live-calls.ts';
import { ownSides } from './own-sides.ts';
import { Pairs } from './pairs.ts';
import { medianOf, printDelays, printLimits, printLive, printOverload, say } from './report.ts';
import type { Side } from './side.ts';
import { timedCalls } from './timed-calls.ts';

const quick = process.argv.includes('--quick');
const [rounds, seconds, timed, warmingUp] = quick ? [1, 3, 200, 15] : [5, 8, 1_000, 40];

process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));

await pin([process.pid], 'load');
const pairs = await Pairs.start(2);
const own = await ownSides(pairs.buyers);
const direct = directSide(pairs.buyers);
const kamailio = await kamailioSide(pairs.buyers);
const bare = await bareSide(pairs.buyers);
const sides = [direct, ...(kamailio ? [kamailio] : []), bare, own.direct, own.anchored];
try {
  const machine = cpus();
  const load = loadavg().map((one) => one.toFixed(1));
  say(
    `${machine.length} cores of ${machine[0]?.model.trim() ?? 'unknown make'}, Node.js ${process.version}, load ` +
      `${load.join(' ')}; measured on ${cores.measured}, far ends on ${cores.load}`,
  );
  if (!kamailio) say('Kamailio is not installed: apt-get install kamailio');
  await warmUp();
  const limits = await limitsInTurn();
  printLimits(limits, bare);
  await delays(limits);
  await overload(limits);
  printLive(await talkUntilLate(pairs, own, quick));
} finally {
  for (const side of sides) await side.stop();
  await own.stop();
  await pairs.stop();
}

/** What has just begun is still being compiled, in four threads of V8's: that is a cost of its start, not of a call. */
async function warmUp(): Promise<void> {
  for (const { target, from } of sides) await pairs.callAtRate(target, from / 2, warmingUp);
}

async function limitsInTurn(): Promise<ReadonlyMap<Side, Limit>> {
  const seen = new Map<Side, Limit[]>();
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const last = seen.get(side)?.at(-1)?.clean ?? 0;
      const limit = await cleanRate(pairs, side, last > 0 ? last * 0.8 : side.from, seconds);
      seen.set(side, [...(seen.get(side) ?? []), limit]);
    }
  }
  return new Map([...seen].map(([side, of]) => [side, medianOf(of)]));
}

/** What each adds to the time from INVITE to 200, at half the rate that the bare one carries. */
async function delays(limits: ReadonlyMap<Side, Limit>): Promise<void> {
  const half = (limits.get(bare)?.clean ?? 0) / 2;
  const times = new Map<Side, readonly number[]>();
  for (const side of sides) {
    const rate = Math.min(half, (limits.get(side)?.clean ?? 0) / 2);
    const { ports, numbers } = side.target;
    const everyMs = 20;
    const lasting = (timed * everyMs) / 1_000 + 2;
    const loaded = pairs.callAtRate(side.target, rate, lasting);
    times.set(
      side,
      await timedCalls({ port: ports[0] ?? 0, number: numbers[0] ?? '' }, { calls: timed, everyMs }),
    );
    await loaded;
  }
  printDelays(times, direct, half);
}

async function overload(limits: ReadonlyMap<Side, Limit>): Promise<void> {
  const done = new Map<Side, { readonly clean: number; readonly completed: number }>();
  for (const side of [bare, own.direct, own.anchored]) {
    const clean = limits.get(side)?.clean ?? 0;
    const step = await measured(pairs, side, 2 * clean, 2 * seconds);
    done.set(side, { clean, completed: (step.calls - step.failed) / (2 * seconds) });
    // What was begun and given up has its timers to run out, 32 s (RFC 3261 section 17).
    await new Promise((resolve) => setTimeout(resolve, 33_000));
  }
  printOverload(done);
}
