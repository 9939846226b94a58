/**
 * The crash drill: under load, the switch and its database are killed -9 at random moments, the disk fills up, the
 * database hangs and is away. In the end both sides' books are compared: what the callers heard, and what the records say.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { diceOf } from '../../test/support/dice.ts';
import { provideSipp } from '../../test/support/sipp-command.ts';
import { trackingNumber } from '../../test/support/switch-config.ts';
import type { DrilledSwitch } from './drilled-switch.ts';
import { FarEnd } from './far-ends.ts';
import { diskFor } from './full-disk.ts';
import { atRest, prove, type Verdict } from './proof.ts';
import { planOf, rounds, type RoundKind } from './rounds.ts';
import { setUp } from './set-up.ts';
import { world } from './world.ts';

export interface DrillOptions {
  readonly rounds: number;
  /** The same seed deals the same rounds; what they meet is up to the machine. */
  readonly seed: number;
  readonly say: (line: string) => unknown;
  /** Ends the drill early: the proof is of the rounds until then. */
  readonly stopped?: AbortSignal;
}

const callsPerSecond = 20;

export async function crashDrill(options: DrillOptions): Promise<Verdict> {
  const directory = await mkdtemp(join(tmpdir(), 'tollbridge-drill-'));
  const releases: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    return await drill(directory, options, releases);
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

async function drill(
  directory: string,
  { rounds: count, seed, say, stopped }: DrillOptions,
  releases: (() => unknown)[],
): Promise<Verdict> {
  const sipp = await provideSipp();
  const { sut, trunks } = await setUp(directory);
  const disk = await diskFor(join(sut.data, 'journal'));
  releases.push(() => disk.close());
  releases.push(() => sut.stop());
  say(`${count} rounds, seed ${seed}; the disk: ${disk.kind}`);
  await sut.start();

  const ends: FarEnd[] = [];
  for (const [buyer, port] of trunks)
    ends.push(await FarEnd.buyer({ sipp, directory: join(directory, buyer), port }));
  const numbers = Object.keys(world.campaigns).map((_, place) => trackingNumber(place));
  const callers = await FarEnd.caller({
    ...{ sipp, directory: join(directory, 'callers'), callsPerSecond },
    to: { port: sut.sipPort, numbers },
  });
  releases.push(() => Promise.all([callers, ...ends].map((end) => end.finish(0))));

  const dice = diceOf(seed);
  const journalled = new Set<string>();
  const seen = new Map<RoundKind, number>();
  for (const [index, kind] of planOf(count, dice).entries()) {
    if (stopped?.aborted === true) break;
    await pause(200 + dice.below(800));
    const before = await liveStates(sut);
    const failure = [callers, ...ends].find((end) => end.failure !== null)?.failure;
    if (failure) throw new Error(failure);
    const round = index + 1;
    const said = await rounds[kind]({ sut, disk, dice, round, journalled });
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    say(`${String(round).padStart(4)}  ${kind}, with ${before}: ${said}`);
  }

  await callers.finish(15_000);
  await Promise.all(ends.map((end) => end.finish(0)));
  // What a crash left in the hands of a living switch runs into its time limits by itself.
  const atEnd = await atRest(sut, 60_000);
  await sut.kill();
  await sut.start();
  const faults = [...atEnd, ...(await atRest(sut, 60_000))];
  const verdict = await prove({ sut, heard: await callers.heard(), journalled });
  for (const [kind, times] of seen) say(`${String(times).padStart(6)} × ${kind}`);
  for (const [name, figure] of Object.entries(verdict.figures)) say(`${String(figure).padStart(8)} ${name}`);
  const all = [...faults, ...verdict.faults];
  const code = await sut.stop();
  if (code !== 0) all.push(`the switch stopped with exit code ${String(code)}`);
  for (const fault of all) say(`FAULT: ${fault}`);
  say(all.length === 0 ? 'Proven: nothing lost, nothing twice, nothing held.' : `${all.length} faults.`);
  return { ...verdict, faults: all };
}

/** `9 live calls (4 talking, 3 menu, 2 ringing)`. */
async function liveStates(sut: DrilledSwitch): Promise<string> {
  const live = await sut.live().catch(() => []);
  const states = new Map<string, number>();
  for (const { state } of live) states.set(state, (states.get(state) ?? 0) + 1);
  const each = [...states].map(([state, calls]) => `${calls} ${state}`).join(', ');
  return `${live.length} live calls${each === '' ? '' : ` (${each})`}`;
}
