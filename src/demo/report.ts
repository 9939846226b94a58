/** What the demo prints once the calls are over: their records, why they went where they went, who owes what. */
import type { CallRecord } from './call-records.ts';
import { attemptInWords, leftOutInWords } from './in-words.ts';
import type { Scene } from './scene.ts';
import { heading, table, type Terminal } from './terminal.ts';

type Recorded = { readonly scene: Scene; readonly record: CallRecord | null };

export function recordsInTable(terminal: Terminal, calls: readonly Recorded[]): string {
  const { dim, green } = terminal.paint;
  const money = (amount: string) => (Number(amount) === 0 ? dim(amount) : green(amount));
  const rows = calls.map(({ scene: { caller, end }, record }) =>
    record === null
      ? [caller.name, caller.to, dim(`refused with ${end?.status ?? '?'}: no record`)]
      : [
          caller.name,
          `${record.campaign} · ${record.publisher}${record.source === null ? '' : ` · ${record.source}`}`,
          record.outcome,
          record.cause,
          record.buyer ?? dim('–'),
          record.connected_ms === 0 ? dim('–') : (record.connected_ms / 1000).toFixed(1),
          money(record.revenue),
          money(record.payout),
          money(record.margin),
        ],
  );
  const columns = [
    { title: 'caller' },
    { title: 'campaign · publisher · source' },
    { title: 'outcome' },
    { title: 'cause' },
    { title: 'buyer' },
    { title: 'talked', align: 'right' as const },
    { title: 'revenue', align: 'right' as const },
    { title: 'payout', align: 'right' as const },
    { title: 'margin', align: 'right' as const },
  ];
  return heading(terminal, 'The record of each call', 'tollbridge calls') + table(terminal, columns, rows);
}

export function reasonsInWords(terminal: Terminal, calls: readonly Recorded[]): string {
  const { bold, dim } = terminal.paint;
  const lines = calls.flatMap(({ scene: { caller }, record }) => {
    if (record === null) return [];
    const tried = record.attempts.map(attemptInWords);
    const said = [
      ...record.left_out.map((one) => dim(leftOutInWords(one))),
      ...(tried.length > 0 ? [tried.join(', then ')] : []),
    ];
    if (said.length === 0) return [];
    const [first = '', ...more] = said;
    return [
      `  ${bold(caller.name.padEnd(6))}${dim(caller.about.padEnd(44))}${first}`,
      ...more.map((line) => `  ${' '.repeat(50)}${line}`),
    ];
  });
  return `${heading(terminal, 'Why each buyer was taken or left out')}${lines.join('\n')}\n`;
}

/** Amounts are decimal text with two digits: added up as cents, never as floats. */
export function balancesInTable(terminal: Terminal, calls: readonly CallRecord[]): string {
  const { green } = terminal.paint;
  const right = 'right' as const;
  const buyers = totals(
    calls,
    (call) => call.buyer,
    (call) => call.revenue,
  );
  const publishers = totals(
    calls,
    (call) => call.publisher,
    (call) => call.payout,
  );
  const rows = [
    ...[...buyers].map(([buyer, { count, cents }]) => [
      `${buyer} owes the network`,
      String(count),
      money(cents),
    ]),
    ...[...publishers].map(([id, { count, cents }]) => [
      `the network owes ${id}`,
      String(count),
      money(cents),
    ]),
    ['the network keeps', '', green(money(sum(calls, (call) => call.margin)))],
  ];
  return (
    heading(terminal, 'Who owes what') +
    table(
      terminal,
      [{ title: '' }, { title: 'paid calls', align: right }, { title: 'USD', align: right }],
      rows,
    )
  );
}

function totals(
  calls: readonly CallRecord[],
  party: (call: CallRecord) => string | null,
  amount: (call: CallRecord) => string,
): Map<string, { count: number; cents: number }> {
  const found = new Map<string, { count: number; cents: number }>();
  for (const call of calls) {
    const [id, cents] = [party(call), toCents(amount(call))];
    if (id === null || cents === 0) continue;
    const before = found.get(id) ?? { count: 0, cents: 0 };
    found.set(id, { count: before.count + 1, cents: before.cents + cents });
  }
  return found;
}

function sum(calls: readonly CallRecord[], amount: (call: CallRecord) => string): number {
  return calls.reduce((all, call) => all + toCents(amount(call)), 0);
}

function toCents(amount: string): number {
  return Number(amount.replace('.', ''));
}

function money(cents: number): string {
  return (cents / 100).toFixed(2);
}
