import Table from 'cli-table3';
import type { FaultReport } from './run.ts';

const head = ['fault', 'live', 'survived', 'ended', 'lasted', 'next call through', 'as stated'];

export function inATable(reports: readonly FaultReport[]): string {
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { name, live, ended, lasted, again, faults } of reports) {
    const { caller_hangup: survived = 0, ...others } = ended;
    const causes = Object.entries(others).map(([cause, calls]) => `${calls} ${cause}`);
    const next = again === null ? 'none' : `${again.toFixed(1)} s`;
    table.push([
      ...[name, live, survived, causes.join(', ') || '–', `${lasted.toFixed(1)} s`, next],
      faults.length === 0 ? 'yes' : `no: ${faults.length}`,
    ]);
  }
  return table.toString();
}
