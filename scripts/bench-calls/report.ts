/** The run in tables. */
import Table from 'cli-table3';
import type { Limit } from './clean-rate.ts';
import type { Live } from './live-calls.ts';
import type { Side } from './side.ts';

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Measurements {
  readonly limits: ReadonlyMap<Side, Limit>;
  readonly delays: ReadonlyMap<Side, readonly number[]>;
}

const style = { head: [], border: [], compact: true };

/** By its clean rate. */
export const medianOf = (limits: readonly Limit[]): Limit => {
  const sorted = limits.toSorted((a, b) => a.clean - b.clean);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
};

export function printLimits(limits: ReadonlyMap<Side, Limit>, bare: Side): void {
  const table = new Table({
    head: ['calls go through', 'clean, calls/s', 'of the bare', 'CPU µs a call', 'then'],
    style,
  });
  for (const [{ name }, { clean, cpu, then }] of limits) {
    const parts = [...cpu].map(([program, micros]) => `${program} ${micros.toFixed(0)}`).join(', ');
    const share = clean / (limits.get(bare)?.clean ?? Number.NaN);
    table.push([name, clean.toFixed(0), share.toFixed(2), parts, then]);
  }
  say(table.toString());
}

export function printDelays(times: ReadonlyMap<Side, readonly number[]>, direct: Side): void {
  const none = times.get(direct) ?? [];
  const table = new Table({
    head: ['INVITE to 200 at half the rate, ms', 'calls', 'p50', 'p99', 'added p50', 'added p99'],
    style,
  });
  for (const [{ name }, of] of times) {
    const figures = [at(of, 0.5), at(of, 0.99), added(of, none, 0.5), added(of, none, 0.99)];
    table.push([name, String(of.length), ...figures.map((one) => one.toFixed(2))]);
  }
  say(table.toString());
}

/** What docs/performance.md aims at, beside what was seen; of what was not measured there is no row. */
export function printAims(
  { limits, delays }: Measurements,
  {
    bare,
    direct,
    own,
    freeswitch,
  }: Readonly<Record<'bare' | 'direct', Side>> & {
    readonly own: { readonly direct: Side; readonly anchored: Side };
    readonly freeswitch: Side | null;
  },
): void {
  const clean = (side: Side | null) => (side === null ? Number.NaN : (limits.get(side)?.clean ?? Number.NaN));
  const node = (side: Side) => limits.get(side)?.cpu.get('node') ?? Number.NaN;
  const late = (side: Side, share: number) => added(delays.get(side) ?? [], delays.get(direct) ?? [], share);
  const rows: readonly (readonly [string, string, number])[] = [
    ['media direct, of the rate of the bare one', 'at least 0.95', clean(own.direct) / clean(bare)],
    ['its CPU in Node.js, of that of the bare one', 'at most 1.2', node(own.direct) / node(bare)],
    ['delay it adds, p50, of what the bare one adds', 'at most 1.2', late(own.direct, 0.5) / late(bare, 0.5)],
    ['delay it adds, p99, ms', 'below 5', late(own.direct, 0.99)],
    [
      'media anchored, of the rate of FreeSWITCH alone',
      'at least 0.8',
      clean(own.anchored) / clean(freeswitch),
    ],
  ];
  const table = new Table({ head: ['aim on real servers', '', 'seen'], style });
  for (const [what, aim, seen] of rows) if (Number.isFinite(seen)) table.push([what, aim, seen.toFixed(2)]);
  say(table.toString());
}

export function printOverload(
  done: ReadonlyMap<Side, { readonly clean: number; readonly completed: number }>,
): void {
  const table = new Table({ head: ['at twice the clean rate', 'completed/s', 'of the clean rate'], style });
  for (const [{ name }, { clean, completed }] of done)
    table.push([name, completed.toFixed(0), (completed / clean).toFixed(2)]);
  say(table.toString());
}

export function printLive(seen: readonly Live[]): void {
  const table = new Table({
    head: ['live anchored calls', 'completed', 'late RTP packets', '% of a core a call'],
    style,
  });
  for (const { calls, completed, latePackets, coreShare } of seen)
    table.push([calls, completed, latePackets, (100 * coreShare).toFixed(2)].map(String));
  say(table.toString());
}

const added = (times: readonly number[], none: readonly number[], share: number) =>
  at(times, share) - at(none, share);

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
