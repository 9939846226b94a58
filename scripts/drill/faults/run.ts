/** Calls before, during and after one fault; then what they came to, held against what was to be expected. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeswitch, liveChannels } from '../../../test/support/engines.ts';
import { provideSipp } from '../../../test/support/sipp-command.ts';
import { trackingNumber } from '../../../test/support/switch-config.ts';
import type { RecordedCall } from '../drilled-switch.ts';
import { FarEnd, together } from '../far-ends.ts';
import { diskFor } from '../full-disk.ts';
import { atRest, heldInside, prove } from '../proof.ts';
import { until } from '../rounds.ts';
import { setUp } from '../set-up.ts';
import { startEngines } from './engine-processes.ts';
import type { Campaign, Fault, Outcome, Stage, TalkingTo } from './fault.ts';
import { meanwhileAs, type Span } from './meanwhile.ts';
import { network } from './network.ts';

export interface FaultReport {
  readonly name: string;
  /** Calls that talked when it happened. */
  readonly live: number;
  /** How they ended. */
  readonly ended: Readonly<Record<string, number>>;
  /** Seconds that the fault lasted, and from its end until a call of each kind that came after it was connected. */
  readonly lasted: number;
  readonly again: number | null;
  /** What is not as expected, in words. */
  readonly faults: readonly string[];
}

const each = 5;
const standingFrom = '+1214600';
const comingFrom = '+1214623';
const campaigns = Object.keys(network.campaigns) as Campaign[];
/** How soon calls are connected again is reported; a machine that is busy with other things may take this long. */
const patience = 60_000;
const talkingTo = ['anchored', 'direct'] as const satisfies readonly TalkingTo[];

export async function runFault(fault: Fault): Promise<FaultReport> {
  const directory = await mkdtemp(join(tmpdir(), `tollbridge-${fault.name}-`));
  const releases: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    return await rehearse(fault, directory, (release) => releases.push(release));
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

async function rehearse(fault: Fault, directory: string, later: Stage['later']): Promise<FaultReport> {
  const sipp = await provideSipp();
  const engines = fault.engines === 'apart' ? await startEngines() : null;
  later(() => engines?.close());
  const { sut, trunks } = await setUp(directory, {
    ...network,
    limits: { ...network.limits, ...fault.limits },
    ...(engines && { engine: engines.section }),
  });
  const disk = await diskFor(join(sut.data, 'journal'));
  later(() => disk.close());
  later(() => sut.stop());
  await sut.start();

  const ends: FarEnd[] = [];
  const callers: FarEnd[] = [];
  later(() => Promise.all([...callers, ...ends].map((end) => end.finish(0))));
  const buyer = async (name: string, scenario: string) => {
    const given = { sipp, scenario, directory: join(directory, name), port: trunks.get(name) ?? 0 };
    ends.push(await FarEnd.buyer(given));
  };
  const call = async (given: Partial<Parameters<typeof FarEnd.caller>[0]>, to: readonly Campaign[]) => {
    const numbers = to.map((campaign) => trackingNumber(campaigns.indexOf(campaign)));
    const place = {
      sipp,
      directory: join(directory, `callers-${callers.length}`),
      to: { port: sut.sipPort, numbers },
    };
    const end = await FarEnd.caller({ callsPerSecond: 5, ...place, ...given });
    callers.push(end);
    return end;
  };
  const standing = async (campaign?: Campaign) =>
    (await sut.live()).filter(
      (one) => one.from?.startsWith(standingFrom) === true && (campaign ?? one.campaign) === one.campaign,
    );
  const spans: Span[] = [];
  const stage: Stage = {
    ...{ sut, disk, later, troubledPort: trunks.get('failing') ?? 0 },
    callers: (campaign, scenario = 'caller', calls) =>
      call({ scenario, from: '+1469555', ...(calls !== undefined && { calls }) }, [campaign]),
    troubledBuyer: (scenario) => buyer('failing', scenario),
    meanwhile: async (passes) => {
      const from = Date.now();
      const passed = await passes();
      spans.push({ from, until: Date.now() });
      return passed;
    },
    gone: async (campaign) => {
      const areGone = await until(async () => (await standing(campaign)).length === 0, 20_000);
      if (!areGone) throw new Error(`calls of ${campaign} go on, though nothing carries them`);
    },
  };

  await buyer('steady', 'buyer-stays');
  const began = new Date();
  await call(
    { scenario: 'caller-stays', calls: 2 * each, callsPerSecond: 20, talk: fault.talk, from: standingFrom },
    talkingTo,
  );
  // Long enough for a menu on a busy machine.
  const comes = { scenario: 'caller-stays', talk: 4_000, callsPerSecond: 3, from: comingFrom };
  const coming = { anchored: await call(comes, ['anchored']), direct: await call(comes, ['direct']) };
  let most = 0;
  const allTalk = async () => {
    const talking = (await standing()).filter(({ state }) => state === 'connected').length;
    most = Math.max(most, talking);
    return talking === 2 * each;
  };
  if (!(await until(allTalk))) throw new Error(`never more than ${most} of ${2 * each} calls talk`);

  const at = Date.now();
  if (fault.engines === 'apart' && engines) await fault.disturb(stage, engines);
  else if (fault.engines === 'inside') await fault.disturb(stage);
  const mended = Date.now();
  const since = new Date(mended);
  const flows = async () => firstThrough(await sut.records(since).catch(() => []), mended) !== null;
  await until(flows, patience);

  await Promise.all(callers.map((end) => end.finish(fault.talk + 8_000)));
  // A leg that nobody answers for any more is given up after 32 s (RFC 3261, timer B and F).
  const leaks: string[] = [...(await atRest(sut, 60_000, ...(engines ? [heldInside] : [])))];
  const media = engines?.freeswitch.at ?? freeswitch;
  if (media && !(await until(async () => (await liveChannels(media)) === 0, 40_000)))
    leaks.push(`${await liveChannels(media)} channels of the media server at rest`);
  const records = await sut.records(began);
  const stood = records.filter(({ from }) => from?.startsWith(standingFrom));
  const heard = together(await Promise.all(callers.map((end) => end.heard())));
  const span = spans[0] ?? { from: at, until: mended };
  const during = records.filter(
    ({ from, started_at }) =>
      from?.startsWith(comingFrom) === true &&
      Date.parse(started_at) >= span.from &&
      Date.parse(started_at) <= span.until,
  );
  const came = { anchored: await coming.anchored.invited(), direct: await coming.direct.invited() };
  const again = firstThrough(records, mended);
  const { faults } = await prove({ sut, heard, journalled: new Set() });
  return {
    ...{ name: fault.name, live: 2 * each, ended: causesOf(stood), lasted: (mended - at) / 1000, again },
    faults: [
      ...standingAs(fault.expected, stood),
      ...talkingTo.flatMap((campaign) => {
        const carried = during.filter((one) => one.campaign === campaign && through(one)).length;
        return meanwhileAs(fault.expected.meanwhile[campaign], came[campaign], span, carried).map(
          (what) => `${campaign}: ${what}`,
        );
      }),
      ...(again === null ? ['no call of each kind was connected after it'] : []),
      ...(fault.besides?.(records.filter(({ from }) => from?.startsWith('+1469555'))) ?? []),
      ...leaks,
      ...faults,
    ],
  };
}

function standingAs(expected: Outcome, stood: readonly RecordedCall[]): readonly string[] {
  return talkingTo.flatMap((campaign) => {
    const own = stood.filter((one) => one.campaign === campaign);
    const right = own.filter(({ cause }) => cause === expected[campaign]);
    if (own.length === each && right.length === each) return [];
    return [
      `${each} ${campaign} calls were to end with ${expected[campaign]}: ${JSON.stringify(causesOf(own))}`,
    ];
  });
}

function causesOf(records: readonly RecordedCall[]): Readonly<Record<string, number>> {
  const causes: Record<string, number> = {};
  for (const { cause } of records) causes[cause] = (causes[cause] ?? 0) + 1;
  return causes;
}

/** Seconds from then until a call of each kind, begun after it, was connected; null where one never was. */
function firstThrough(records: readonly RecordedCall[], then: number): number | null {
  const firsts = talkingTo.map((campaign) =>
    Math.min(
      ...records
        .filter((one) => one.campaign === campaign && Date.parse(one.started_at) >= then && through(one))
        .map(({ connected_at }) => Date.parse(connected_at ?? '')),
    ),
  );
  const last = Math.max(...firsts);
  return last === Infinity ? null : (last - then) / 1000;
}

const through = ({ connected_at }: RecordedCall) => connected_at !== null;
