/** The run in tables. */
import Table from 'cli-table3';
import type { Limit } from './clean-rate.ts';
import type { Live } from './live-calls.ts';
import type { Side } from './side.ts';

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
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

export function printDelays(times: ReadonlyMap<Side, readonly number[]>, direct: Side, rate: number): void {
  const none = times.get(direct) ?? [];
  const table = new Table({
    head: [`INVITE to 200 at ${rate.toFixed(0)}/s, ms`, 'calls', 'p50', 'p99', 'added p50', 'added p99'],
    style,
  });
  for (const [{ name }, of] of times) {
    const [p50, p99] = [at(of, 0.5), at(of, 0.99)];
    const added = [p50 - at(none, 0.5), p99 - at(none, 0.99)];
    table.push([
      name,
      String(of.length),
      p50.toFixed(2),
      p99.toFixed(2),
      ...added.map((one) => one.toFixed(2)),
    ]);
  }
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

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
