/**
 * The soak: callers and buyers of every mood for as long as asked. In the end memory is where it was once the switch was
 * warm, nothing is held, and the records are what the callers heard.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/demo/package-root.ts';
import { provideSipp } from '../../test/support/sipp-command.ts';
import { trackingNumber, type SwitchSetup } from '../../test/support/switch-config.ts';
import { FarEnd, type Heard } from './far-ends.ts';
import { memoryOf, type MemoryFigures } from './memory.ts';
import { atRest, prove, type Verdict } from './proof.ts';
import { setUp } from './set-up.ts';
import { network as quiet } from './faults/network.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** All callers together. */
  readonly callsPerSecond: number;
  readonly say: (line: string) => unknown;
  readonly stopped?: AbortSignal;
}

export interface SoakVerdict extends Verdict {
  readonly memory: MemoryFigures;
}

const network: SwitchSetup = {
  ...quiet,
  // Full before memory is measured.
  trace: { calls: 100 },
  // Collecting all garbage holds the event loop up: that is not to be taken for overload.
  limits: { ...quiet.limits, stall: false },
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

/** Code is compiled by then and the memory for traces full, or the soak a quarter over. */
const warmUpMs = 60_000;

export async function soak(options: SoakOptions): Promise<SoakVerdict> {
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
): Promise<SoakVerdict> {
  const sipp = await provideSipp();
  const length = minutes * 60_000;
  const memory = join(directory, 'memory.jsonl');
  const probe = pathToFileURL(join(packageRoot, 'scripts', 'drill', 'memory-probe.js')).href;
  const { sut, trunks } = await setUp(directory, network, {
    NODE_OPTIONS: `--import=${probe}`,
    TOLLBRIDGE_DRILL_MEMORY: memory,
    TOLLBRIDGE_DRILL_MEMORY_MS: String(Math.min(10_000, length / 30)),
  });
  later(() => sut.stop());
  await sut.start();
  const ends: FarEnd[] = [];
  later(() => Promise.all(ends.map((end) => end.finish(0))));
  const moods = { steady: 'buyer-stays', moody: 'buyer-moody', ringing: 'buyer-rings' } as const;
  for (const [buyer, scenario] of Object.entries(moods)) {
    const port = trunks.get(buyer) ?? 0;
    ends.push(await FarEnd.buyer({ sipp, scenario, directory: join(directory, buyer), port }));
  }
  const callers: FarEnd[] = [];
  const call = async (scenario: string, share: number, places: readonly number[]) => {
    const to = { port: sut.sipPort, numbers: places.map(trackingNumber) };
    const place = { sipp, directory: join(directory, scenario), to };
    const end = await FarEnd.caller({
      ...place,
      scenario,
      callsPerSecond: Math.ceil(callsPerSecond * share),
    });
    ends.push(end);
    callers.push(end);
  };
  await call('caller', 0.6, [0, 1]);
  await call('caller-presses', 0.3, [0]);
  await call('caller-cancels', 0.1, [2]);

  const began = Date.now();
  while (Date.now() - began < length && stopped?.aborted !== true) {
    await pause(Math.min(60_000, began + length - Date.now()), null, { signal: stopped }).catch(() => null);
    const failure = ends.find((end) => end.failure !== null)?.failure;
    if (failure) throw new Error(failure);
    say(`${Math.round((Date.now() - began) / 60_000)} min: ${(await sut.live()).length} live calls`);
  }
  const ended = Date.now();
  await Promise.all(callers.map((end) => end.finish(15_000)));
  const leaks = await atRest(sut, 60_000);
  const figures = await memoryOf(memory, began + Math.min(warmUpMs, (ended - began) / 4), ended);
  const verdict = await prove({
    sut,
    heard: together(await Promise.all(callers.map((end) => end.heard()))),
    journalled: new Set(),
  });
  const faults = [
    ...grown('the heap', figures.heap),
    ...grown('rss', figures.rss),
    ...tooMuch(verdict.figures),
    ...leaks,
    ...verdict.faults,
  ];
  for (const [name, figure] of Object.entries(verdict.figures)) say(`${String(figure).padStart(8)} ${name}`);
  const [heap, rss] = [figures.heap, figures.rss].map((pair) =>
    pair.map((one) => one.toFixed(1)).join(' → '),
  );
  say(`heap after collection ${heap} MB, rss ${rss} MB, ${figures.samples} samples`);
  for (const fault of faults) say(`FAULT: ${fault}`);
  return { ...verdict, faults, memory: figures };
}

/** A switch that mostly refuses is not soaked. */
function tooMuch(figures: Verdict['figures']): readonly string[] {
  const [begun = 0, refused = 0] = [figures['calls begun by sipp'], figures['of them refused with 503']];
  return refused > begun / 4 ? [`${refused} of ${begun} calls were refused: the rate is too high`] : [];
}

/** By more than 5 %. Less than 4 MB is what a collection leaves or not, and what the pages of an allocator come to. */
function grown(what: string, [first, last]: readonly [number, number]): readonly string[] {
  if (last <= first * 1.05 || last - first < 4) return [];
  return [`${what} grew from ${first.toFixed(1)} to ${last.toFixed(1)} MB`];
}

function together(all: readonly Heard[]): Heard {
  const of = (which: keyof Heard) => new Set(all.flatMap((one) => [...one[which]]));
  return { began: of('began'), answered: of('answered'), refused: of('refused') };
}
