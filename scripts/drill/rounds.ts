/** What a round does to the switch and its database. Each leaves both running. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from '../../test/support/dice.ts';
import { leaveBacklog } from './backlog.ts';
import { holdDatabase, killDatabase } from './database-processes.ts';
import type { DrilledSwitch } from './drilled-switch.ts';
import type { Disk } from './full-disk.ts';

export interface Stage {
  readonly sut: DrilledSwitch;
  readonly disk: Disk;
  readonly dice: Dice;
  readonly round: number;
  /** Call-IDs of calls that are in the journal though no far end knows of them. */
  readonly journalled: Set<string>;
}

export type RoundKind = keyof typeof rounds;

/** Each tells what it did, in words. */
export const rounds = {
  'the switch is killed': async ({ sut }: Stage) => {
    await sut.kill();
    return `back in ${seconds(await sut.start())}`;
  },
  'the database is killed': async ({ sut, dice }: Stage) => {
    const kills = 1 + dice.below(2);
    for (let kill = 0; kill < kills; kill++) {
      await killDatabase(sut.data);
      await pause(dice.below(200));
    }
    return kills === 1 ? 'once' : `${kills} times`;
  },
  'both are killed': async ({ sut, dice }: Stage) => {
    await killDatabase(sut.data);
    await pause(dice.below(50));
    await sut.kill();
    return `back in ${seconds(await sut.start())}`;
  },
  'the switch is killed while the database hangs': async ({ sut, dice }: Stage) => {
    const letGo = await holdDatabase(sut.data);
    await pause(100 + dice.below(900));
    await sut.kill();
    letGo();
    return `back in ${seconds(await sut.start())}`;
  },
  'the switch is killed as it starts': async ({ sut, dice }: Stage) => {
    await sut.kill();
    const starting = sut.start().catch(() => undefined);
    await pause(50 + dice.below(1000));
    await sut.kill();
    await starting;
    return `back in ${seconds(await sut.start())}`;
  },
  'the disk is full': async ({ sut, disk, dice }: Stage) => {
    const { pid } = sut;
    await disk.fill(pid);
    const told = await until(async () => !(await sut.isReady()), 10_000);
    await pause(dice.below(700));
    await disk.free(pid);
    const isWritten = await until(async () => (await sut.metrics()).get('tollbridge_journal_healthy') === 1);
    if (!told || !isWritten)
      throw new Error(told ? 'it does not go on once there is space' : 'it is not told');
    return 'new calls refused until there was space';
  },
  'ten minutes without the database at 50 calls a second': async ({ sut, round, journalled }: Stage) => {
    await sut.kill();
    const calls = 30_000;
    for (const id of await leaveBacklog({ data: sut.data, table: sut.table, calls, round }))
      journalled.add(id);
    const took = await sut.start();
    return `${calls} calls in the journal, back in ${seconds(took)}`;
  },
} as const satisfies Readonly<Record<string, (stage: Stage) => Promise<string>>>;

/** Each kind in its share; the long outage once in a hundred rounds, and in a short drill too. */
export function planOf(count: number, dice: Dice): readonly RoundKind[] {
  const shares: readonly (readonly [RoundKind, number])[] = [
    ['the switch is killed', 22],
    ['the database is killed', 48],
    ['both are killed', 6],
    ['the switch is killed while the database hangs', 6],
    ['the switch is killed as it starts', 6],
    ['the disk is full', 12],
  ];
  const all = shares.flatMap(([kind, share]) => Array<RoundKind>(share).fill(kind));
  const outages = Math.ceil(count / 100);
  const plan = Array.from({ length: count }, () => all[dice.below(all.length)] ?? 'the switch is killed');
  for (let n = 0; n < outages; n++)
    plan[Math.min(count - 1, n * 100 + 10 + dice.below(80))] =
      'ten minutes without the database at 50 calls a second';
  return plan;
}

export async function until(isSo: () => Promise<boolean>, withinMs = 30_000): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await isSo()) return true;
    await pause(25);
  }
  return false;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
