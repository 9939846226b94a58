/** Where the time of a decision goes: V8's sampling profiler, as `node --cpu-prof` has it, over deciding and nothing else. */
import { Session, type Profiler, type Runtime } from 'node:inspector/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProfileEntry {
  /** `function file:line` */
  readonly where: string;
  /** Of all samples, without what the function called. */
  readonly share: number;
}

/** The functions in which most of the time goes, most first. */
export async function profiled(work: () => void, times: number): Promise<readonly ProfileEntry[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  for (let time = 0; time < times; time++) work();
  await pause(1);
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return heaviest(profile);
}

const shown = 12;

function heaviest({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): readonly ProfileEntry[] {
  const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, inWords(callFrame)]));
  const time = new Map<string, number>();
  let all = 0;
  for (const [at, id] of samples.entries()) {
    const took = timeDeltas[at] ?? 0;
    const where = nameOf.get(id) ?? '';
    time.set(where, (time.get(where) ?? 0) + took);
    all += took;
  }
  return [...time]
    .sort(([, a], [, b]) => b - a)
    .slice(0, shown)
    .map(([where, took]) => ({ where, share: took / all }));
}

function inWords({ functionName, url, lineNumber }: Runtime.CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const file = url.split('/').slice(-2).join('/');
  return file === '' ? name : `${name} ${file}:${lineNumber + 1}`;
}
