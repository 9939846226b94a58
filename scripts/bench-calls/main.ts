/**
 * `npm run bench:calls`: how many calls a second go through the switch, at what cost and with what delay, beside what
 * else could carry them, in turn in one run: the same far ends, pinned apart from what is measured. On the embedded
 * engine, or on the servers that TOLLBRIDGE_DRACHTIO and TOLLBRIDGE_FREESWITCH name; a FreeSWITCH that bridges by
 * itself is one more, started where TOLLBRIDGE_FREESWITCH_PROGRAM says how. `--quick`: once, in short steps.
 * `--only=menu,bare`: no others than those with one of these words in their names.
 */
import { cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { bareSide } from './bare-side.ts';
import { cleanRate, measured, type Limit } from './clean-rate.ts';
import { cores, pin } from './cores.ts';
import { directSide } from './direct-side.ts';
import { freeswitchSide } from './freeswitch-side.ts';
import { kamailioSide } from './kamailio-side.ts';
import { talkUntilLate } from './live-calls.ts';
import { ownSide } from './own-side.ts';
import { Pairs } from './pairs.ts';
import { medianOf, printAims, printDelays, printLimits, printLive, printOverload, say } from './report.ts';
import type { Side, SideUp } from './side.ts';
import { timedCalls } from './timed-calls.ts';

const quick = process.argv.includes('--quick');
const [rounds, seconds, timed, warmingUp] = quick ? [1, 3, 200, 15] : [5, 8, 1_000, 40];
/** How long a limit that is found while calls come takes to be found, and to hold. */
const overloadSeconds = 30;
const only = process.argv.flatMap((word) => (word.startsWith('--only=') ? word.slice(7).split(',') : []));
/** What was begun and given up has its timers to run out (RFC 3261 section 17). */
const untilForgotten = 33_000;

process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));

await pin([process.pid], 'load');
const pairs = await Pairs.start(2);
const bare = bareSide(pairs.buyers);
const direct = directSide(pairs.buyers);
const own = {
  direct: ownSide('direct', pairs.buyers),
  anchored: ownSide('anchored', pairs.buyers),
  menu: ownSide('menu', pairs.buyers),
};
const freeswitch = {
  bridge: freeswitchSide('bridge', pairs.buyers),
  menu: freeswitchSide('menu', pairs.buyers),
};
const seen = new Map<Side, Limit[]>();
const delays = new Map<Side, readonly number[]>();
const overloaded = new Map<Side, { readonly clean: number; readonly completed: number }>();
const kamailio = kamailioSide(pairs.buyers);
const others = [kamailio, freeswitch.bridge, own.anchored, freeswitch.menu, own.menu];
// The bare one first: half of its rate is where everybody's delay is measured.
const sides = [bare, own.direct, direct, ...others]
  .filter((side) => side !== null)
  .filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)));

try {
  const machine = cpus();
  const load = loadavg().map((one) => one.toFixed(1));
  say(
    `${machine.length} cores of ${machine[0]?.model.trim() ?? 'unknown make'}, Node.js ${process.version}, load ` +
      `${load.join(' ')}; measured on ${cores.measured}, far ends on ${cores.load}`,
  );
  if (!kamailio) say('Kamailio is not installed: apt-get install kamailio');
  for (let round = 1; round <= rounds; round++)
    for (const side of sides) await whileUp(side, (up) => measure(side, up, round === rounds));
  const limits = new Map([...seen].map(([side, of]) => [side, medianOf(of)]));
  printLimits(limits, bare);
  printDelays(delays, direct);
  printOverload(overloaded);
  if (sides.includes(own.anchored))
    printLive(await whileUp(own.anchored, (up) => talkUntilLate(pairs, up, quick)));
  printAims({ limits, delays }, { bare, direct, own, freeswitch });
} finally {
  await pairs.stop();
}

async function whileUp<Up extends SideUp, T>(
  side: { readonly from: number; start(): Promise<Up> },
  then: (up: Up) => Promise<T>,
): Promise<T> {
  const up = await side.start();
  try {
    await untilWarm(up, side.from);
    return await then(up);
  } finally {
    await up.stop();
  }
}

/** Some listen before they take calls, and what is compiled as it runs has cost its compiler most by then. */
async function untilWarm({ target }: SideUp, from: number): Promise<void> {
  for (let times = 0; times < 10; times++) {
    const { failed } = await pairs.callAtRate(target, 4, 1);
    if (failed === 0) break;
  }
  await pairs.callAtRate(target, from / 2, warmingUp);
}

async function measure(side: Side, up: SideUp, isLast: boolean): Promise<void> {
  const last = seen.get(side)?.at(-1)?.clean ?? 0;
  const limit = await cleanRate(pairs, up, last > 0 ? last * 0.8 : side.from, seconds);
  seen.set(side, [...(seen.get(side) ?? []), limit]);
  if (!isLast) return;
  const clean = cleanOf(side);
  if (clean === 0) {
    say(`${side.name}: no rate is clean, ${limit.then}`);
    return;
  }
  // A menu answers by itself: from INVITE to 200 there is no buyer.
  if (up.target.menu) return;
  if (side !== direct) await pause(untilForgotten);
  delays.set(side, await delaysAt(up, Math.min(clean, cleanOf(bare) || clean) / 2));
  if (side !== bare && side !== own.direct && side !== own.anchored) return;
  const step = await measured(pairs, up, 2 * clean, overloadSeconds);
  overloaded.set(side, { clean, completed: (step.calls - step.failed) / overloadSeconds });
  await pause(untilForgotten);
}

/** 0 where it was not measured, too. */
function cleanOf(side: Side): number {
  const limits = seen.get(side);
  return limits ? medianOf(limits).clean : 0;
}

/** From INVITE to 200, ms, of a call here and there while others come at that rate. */
async function delaysAt({ target }: SideUp, rate: number): Promise<readonly number[]> {
  const everyMs = 20;
  const loaded = pairs.callAtRate(target, rate, (timed * everyMs) / 1_000 + 2);
  const to = { port: target.ports[0] ?? 0, number: target.numbers[0] ?? '' };
  const times = await timedCalls(to, { calls: timed, everyMs });
  await loaded;
  return times;
}
