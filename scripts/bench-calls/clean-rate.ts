/** The rate at which the first call goes wrong. */
import { countDrops, cpuMicros } from './cpu-time.ts';
import type { Pairs, Step } from './pairs.ts';
import type { SideUp } from './side.ts';

export interface Limit {
  /** The highest rate at which every call came to its end as written, calls a second; 0 where there is none. */
  readonly clean: number;
  /** CPU a call at that rate, in microseconds, by program. */
  readonly cpu: ReadonlyMap<string, number>;
  /** What went wrong at the next rate. */
  readonly then: string;
}

export interface Measured extends Step {
  readonly drops: number;
  readonly cpu: ReadonlyMap<string, number>;
}

const factor = 1.12;

/** Raises the rate from there until something goes wrong; where that is too high to begin with, lowers it first. */
export async function cleanRate(pairs: Pairs, side: SideUp, from: number, seconds: number): Promise<Limit> {
  let best: { readonly rate: number; readonly cpu: ReadonlyMap<string, number> } | null = null;
  let then = '';
  let rate = from;
  for (;;) {
    const step = await measured(pairs, side, rate, seconds);
    const wrong = whatIsWrong(step, rate);
    if (wrong === null) {
      best = { rate: step.completed, cpu: step.cpu };
      rate *= factor;
      continue;
    }
    then = `at ${rate.toFixed(0)}: ${wrong}`;
    if (best !== null || rate < 5) break;
    rate /= factor ** 3;
  }
  return { clean: best?.rate ?? 0, cpu: best?.cpu ?? new Map(), then };
}

export async function measured(pairs: Pairs, side: SideUp, rate: number, seconds: number): Promise<Measured> {
  const before = await cpuOf(side);
  const drops = await countDrops(() => [...side.target.ports, ...pairs.sipPorts()]);
  const step = await pairs.callAtRate(side.target, rate, seconds);
  const after = await cpuOf(side);
  const done = Math.max(1, step.calls - step.failed);
  return {
    ...step,
    drops: await drops(),
    cpu: new Map([...after].map(([name, micros]) => [name, (micros - (before.get(name) ?? 0)) / done])),
  };
}

function whatIsWrong({ asked, failed, calls, drops }: Measured, rate: number): string | null {
  if (failed > 0) return `${failed} of ${calls} calls failed`;
  if (drops > 0) return `the kernel dropped ${drops} datagrams`;
  if (asked < 0.95 * rate) return `the callers began ${asked.toFixed(0)} a second`;
  return null;
}

async function cpuOf({ programs }: SideUp): Promise<ReadonlyMap<string, number>> {
  const entries = [...programs].map(async ([name, pids]) => {
    const others = [...programs].flatMap(([other, theirs]) => (other === name ? [] : theirs));
    return [name, await cpuMicros(pids, others)] as const;
  });
  return new Map(await Promise.all(entries));
}
