/**
 * The soak: callers and buyers of every mood, in bouts. After each bout nothing is held; what memory is left then is
 * compared from the end of the first one, when the switch is warm, to that of the last. In the end the records are what the
 * callers heard.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { provideSipp, type SippCommand } from '../../test/support/sipp-command.ts';
import { trackingNumber, type SwitchSetup } from '../../test/support/switch-config.ts';
import type { DrilledSwitch } from './drilled-switch.ts';
import { FarEnd, together, type Heard } from './far-ends.ts';
import { mainThreadBusy, memoryAtRest, probing, type MemoryAtRest } from './memory.ts';
import { atRest, prove, type Verdict } from './proof.ts';
import { setUp } from './set-up.ts';
import { network as quiet } from './faults/network.ts';

export interface SoakOptions {
  /** Of calls; what passes until nothing is held after each bout comes on top. */
  readonly minutes: number;
  /** All callers together. */
  readonly callsPerSecond: number;
  readonly say: (line: string) => unknown;
  readonly stopped?: AbortSignal;
}

const network: SwitchSetup = {
  ...quiet,
  // Full after the first bout.
  trace: { calls: 100 },
  buyers: { steady: { concurrency: 400 }, moody: { concurrency: 400 }, ringing: { concurrency: 400 } },
  campaigns: Object.fromEntries(
    ['anchored', 'direct', 'cancelled'].map((campaign) => [
      campaign,
      {
        ...quiet.campaigns[campaign],
        payout: [{ pays: '60%', when: { connected: '>= 500ms' } }],
        routing: {
          ring: '2s',
          routes:
            campaign === 'cancelled'
              ? [{ buyer: 'ringing' }]
              : [{ buyer: 'moody' }, { buyer: 'steady', priority: 2 }],
        },
      },
    ]),
  ),
};
const buyers = { steady: 'buyer-stays', moody: 'buyer-moody', ringing: 'buyer-rings' } as const;
/** What they play, their part of the calls, and the campaigns whose numbers they dial. */
const callers = [
  ['caller', 0.6, [0, 1]],
  ['caller-presses', 0.3, [0]],
  ['caller-cancels', 0.1, [2]],
] as const;
/** Whom the switch remembers: all of them have called in the first bout. */
const people = 37;

const warmUpMs = 60_000;
const boutMs = 600_000;

interface Rest {
  /** That had begun until then. */
  readonly calls: number;
  readonly memory: MemoryAtRest;
  /** Of the main thread's event loop, while they called: 0 to 1. */
  readonly busy: number;
}

export async function soak(options: SoakOptions): Promise<Verdict> {
  const directory = await mkdtemp(join(tmpdir(), 'tollbridge-soak-'));
  const releases: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    return await soakIn(directory, options, (release) => releases.push(release));
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

async function soakIn(
  directory: string,
  { minutes, callsPerSecond, say, stopped }: SoakOptions,
  later: (release: () => unknown) => void,
): Promise<Verdict> {
  const sipp = await provideSipp();
  const memory = join(directory, 'memory.jsonl');
  const { sut, trunks } = await setUp(directory, network, probing(memory, minutes >= 10));
  later(() => sut.stop());
  await sut.start();
  const ends: FarEnd[] = [];
  later(() => Promise.all(ends.map((end) => end.finish(0))));
  for (const [buyer, scenario] of Object.entries(buyers)) {
    const port = trunks.get(buyer) ?? 0;
    ends.push(await FarEnd.buyer({ sipp, scenario, directory: join(directory, buyer), port }));
  }

  const heard: Heard[] = [];
  const rests: Rest[] = [];
  const leaks: string[] = [];
  const lengths = boutsOf(minutes * 60_000);
  for (const [bout, length] of lengths.entries()) {
    if (stopped?.aborted === true) break;
    const place = { sut, sipp, directory: join(directory, `bout-${bout}`) };
    const calling = await everybodyCalls(place, callsPerSecond, ends);
    const began = Date.now();
    await pause(length, null, { signal: stopped }).catch(() => null);
    const busy = await mainThreadBusy(memory, began, Date.now());
    await Promise.all(calling.map((end) => end.finish(15_000)));
    const failure = ends.find((end) => end.failure !== null)?.failure;
    if (failure) throw new Error(failure);
    leaks.push(...(await atRest(sut, 60_000)));
    heard.push(...(await Promise.all(calling.map((end) => end.heard()))));
    rests.push({ calls: together(heard).began.size, memory: await memoryAtRest(memory), busy });
    say(`bout ${bout + 1} of ${lengths.length}: ${inWords(rests)}`);
  }
  const verdict = await prove({ sut, heard: together(heard), journalled: new Set() });
  const faults = [...grown(rests), ...tooMuch(verdict.figures), ...leaks, ...verdict.faults];
  for (const [name, figure] of Object.entries(verdict.figures)) say(`${String(figure).padStart(8)} ${name}`);
  for (const fault of faults) say(`FAULT: ${fault}`);
  return { ...verdict, faults };
}

/** Until told to finish. They are added to all far ends. */
async function everybodyCalls(
  { sut, sipp, directory }: { sut: DrilledSwitch; sipp: SippCommand; directory: string },
  callsPerSecond: number,
  ends: FarEnd[],
): Promise<readonly FarEnd[]> {
  const calling: FarEnd[] = [];
  for (const [scenario, share, places] of callers) {
    const end = await FarEnd.caller({
      ...{ sipp, scenario, people, directory: join(directory, scenario) },
      to: { port: sut.sipPort, numbers: places.map(trackingNumber) },
      callsPerSecond: Math.ceil(callsPerSecond * share),
    });
    ends.push(end);
    calling.push(end);
  }
  return calling;
}

/** Milliseconds each: one to warm up, then as many as it takes, of equal length. */
function boutsOf(length: number): readonly number[] {
  const warmUp = Math.min(warmUpMs, length / 3);
  const others = Math.ceil((length - warmUp) / boutMs);
  return [warmUp, ...Array.from({ length: others }, () => (length - warmUp) / others)];
}

/** A switch that mostly refuses is not soaked. */
function tooMuch(figures: Verdict['figures']): readonly string[] {
  const [begun = 0, refused = 0] = [figures['calls begun by sipp'], figures['of them refused with 503']];
  return refused > begun / 4 ? [`${refused} of ${begun} calls were refused: the rate is too high`] : [];
}

/**
 * By more than 5 %. What is held, from the end of the first bout: the code is compiled then, and every memory that is
 * bounded full. What the process has of the machine, from the end of the second: only then it has had its most of calls.
 */
function grown(rests: readonly Rest[]): readonly string[] {
  const [warm, full] = rests;
  const last = rests.at(-1);
  if (warm === undefined || last === undefined || warm === last) return ['memory was not compared'];
  const faults: string[] = [];
  const compare = (what: 'held' | 'rss', since: Rest) => {
    const [from, to] = [since.memory[what], last.memory[what]];
    if (to > from * 1.05) faults.push(`${what} grew from ${megabytes(from)} to ${megabytes(to)} MB`);
  };
  compare('held', warm);
  if (full) compare('rss', full);
  const ofACall = (last.memory.held - warm.memory.held) / (last.calls - warm.calls);
  if (ofACall > mostOfACall) faults.push(`each call leaves ${ofACall.toFixed(0)} bytes`);
  return faults;
}

/** Bytes: few calls come to 5 % only where each leaves a lot. */
const mostOfACall = 500;

function inWords(rests: readonly Rest[]): string {
  const { calls, memory, busy } = rests.at(-1) ?? { calls: 0, memory: { held: 0, rss: 0 }, busy: NaN };
  const share = `main thread ${(busy * 100).toFixed(0)} % busy`;
  return `${calls} calls, ${share}, held ${megabytes(memory.held)} MB, rss ${megabytes(memory.rss)} MB`;
}

const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
