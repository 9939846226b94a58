/** The run in tables. */
import Table from 'cli-table3';
import type { Figures } from './figures.ts';
import { rows } from './own-decisions.ts';
import { clockCost } from './stopwatch.ts';
import type { ProfileEntry } from './profile.ts';
import type { Side } from './sides.ts';
import type { Stall } from './calls-at-a-rate.ts';
import type { Stalls } from './swap.ts';

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printLoads(sides: readonly Side[]): void {
  const table = new Table({ head: ['', 'load', 'memory', ''], style: plain });
  for (const { name, loaded } of sides) {
    if (loaded === null) continue;
    const { seconds, megabytes, how } = loaded;
    table.push([
      name,
      `${seconds.toFixed(2)} s`,
      megabytes === null ? '' : `${megabytes.toFixed(0)} MB`,
      how,
    ]);
  }
  say(table.toString());
}

export function printDecisions(seen: ReadonlyMap<string, Figures>, sides: readonly Side[]): void {
  const whole = seen.get(rows.whole)?.mean;
  const table = new Table({
    head: ['µs a decision', 'mean', 'p50', 'p99', 'p99.9', 'a second', 'mean ÷ ours'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: plain,
  });
  for (const [row, { mean, p50, p99, p999, perSecond }] of seen) {
    const ratio = whole === undefined ? '' : (mean / whole).toFixed(2);
    const a = Math.round(perSecond).toLocaleString('en-US');
    table.push([row, ...[mean, p50, p99, p999].map(micros), a, ratio]);
  }
  for (const { name, absent } of sides) {
    if (absent !== null) table.push([name, { colSpan: 6, content: absent, hAlign: 'left' }]);
  }
  say(table.toString());
  say(
    `Reading the clock takes ${clockCost.toFixed(2)} µs, taken off; drouting's clock counts whole µs. ` +
      `"Ours" is the row "${rows.whole}".`,
  );
}

export function printProfile(entries: readonly ProfileEntry[]): void {
  say('Where the time of "decide alone" goes:');
  for (const { where, share } of entries) say(`${(share * 100).toFixed(1).padStart(6)} %  ${where}`);
}

export function printStalls({ calm, swapping, takesMs, decisions }: Stalls): void {
  const table = new Table({
    head: ['the loop kept, ms', 'longest', 'without waiting for a core', 'longest collection', 'takes'],
    style: plain,
  });
  const row = (name: string, { longest, own, gc }: Stall, takes: string): unknown =>
    table.push([name, longest.toFixed(1), own.toFixed(1), gc.toFixed(1), takes]);
  row('500 decisions a second', calm, '');
  for (const [at, stall] of swapping.entries()) {
    row(`… and the table swapped, ${at + 1}`, stall, `${((takesMs[at] ?? 0) / 1_000).toFixed(1)} s`);
  }
  say(table.toString());
  say(`${decisions.toLocaleString('en-US')} decisions were made meanwhile.`);
}

const plain = { head: [], border: [], compact: true };

function micros(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}
