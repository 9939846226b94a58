/** What the demo prints once the calls are over: their records, why they went where they went, who owes what. */
import type { CallRecord, Payouts } from './call-records.ts';
import { attemptInWords, leftOutInWords } from './in-words.ts';
import type { Scene } from './scene.ts';
import { heading, table, type Terminal } from './terminal.ts';

type Recorded = { readonly scene: Scene; readonly record: CallRecord | null };

export function recordsInTable(terminal: Terminal, calls: readonly Recorded[]): string {
  const { dim, green } = terminal.paint;
  const money = (amount: string) => (Number(amount) === 0 ? dim(amount) : green(amount));
  const rows = calls.map(({ scene: { caller, end }, record }) =>
    record === null
      ? [caller.name, caller.to, `refused ${end?.status ?? '?'}`, dim('no record')]
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
    const [first = dim(`nobody was asked: ${record.cause.replaceAll('_', ' ')}`), ...more] = said;
    return [
      `  ${bold(caller.name.padEnd(6))}${dim(caller.about.padEnd(44))}${first}`,
      ...more.map((line) => `  ${' '.repeat(50)}${line}`),
    ];
  });
  return `${heading(terminal, 'Why each buyer was taken or left out')}${lines.join('\n')}\n`;
}

export function balancesInTable(terminal: Terminal, { currencies }: Payouts): string {
  const { bold, green } = terminal.paint;
  const right = 'right' as const;
  return currencies
    .map(({ currency, publishers, buyers, margin }) => {
      const rows = [
        ...buyers.map((one) => [`${one.buyer} owes the network`, String(one.billable), one.revenue]),
        ...publishers.map((one) => [`the network owes ${one.publisher}`, String(one.payable), one.payout]),
        [bold('the network keeps'), '', green(margin)],
      ];
      const columns = [
        { title: '' },
        { title: 'paid calls', align: right },
        { title: currency, align: right },
      ];
      return heading(terminal, 'Who owes what', 'tollbridge payouts') + table(terminal, columns, rows);
    })
    .join('');
}
