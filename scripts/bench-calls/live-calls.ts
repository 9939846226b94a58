/** How many calls may talk at once through the switch before an RTP packet leaves late. */
import { cpuMicros } from './cpu-time.ts';
import type { OwnUp } from './own-side.ts';
import type { Pairs } from './pairs.ts';

export interface Live {
  readonly calls: number;
  readonly completed: number;
  readonly latePackets: number;
  /** Of one core, for each call that talks. */
  readonly coreShare: number;
}

export async function talkUntilLate(pairs: Pairs, own: OwnUp, quick: boolean): Promise<readonly Live[]> {
  const seen: Live[] = [];
  const seconds = quick ? 5 : 15;
  for (const calls of [50, 100, 150, 200, 250, 300]) {
    const live = await talk(pairs, own, calls, seconds);
    seen.push(live);
    if (live.latePackets > 0 || live.completed < live.calls) break;
  }
  return seen;
}

async function talk(pairs: Pairs, own: OwnUp, calls: number, seconds: number): Promise<Live> {
  const { target, programs } = own;
  const media = programs.get('freeswitch') ?? programs.get('node') ?? [];
  const others = programs.get('postgres') ?? [];
  let latePackets = 0;
  let coreShare = 0;
  const completed = await pairs.talk(target, calls, seconds, async () => {
    const began = performance.now();
    const [late, cpu] = await Promise.all([lateSoFar(own), cpuMicros(media, others)]);
    await new Promise((resolve) => setTimeout(resolve, (seconds - 2) * 1_000));
    latePackets = (await lateSoFar(own)) - late;
    coreShare = ((await cpuMicros(media, others)) - cpu) / 1_000 / (performance.now() - began) / calls;
  });
  return { calls, completed, latePackets, coreShare };
}

/** A real FreeSWITCH does not say. */
const lateSoFar = (own: OwnUp) => own.metric('tollbridge_rtp_late_packets_total');
