import { csv } from '../csv.ts';
import type { FullStatement } from './show-statement.ts';

/** One row a line, times in UTC; the rows sum up to the total. */
export function statementCsv({ id, currency, lines }: FullStatement): string {
  const head = [
    ...[
      'statement',
      'entry',
      'at',
      'kind',
      'reference',
      'campaign',
      'call',
      'number',
      'source',
      'connected_ms',
    ],
    ...['amount', 'currency', 'corrects', 'payable_at', 'why', 'made_by'],
  ];
  const rows = lines.map((line) => [
    ...[
      id,
      line.entry,
      line.at,
      line.kind,
      line.reference,
      line.campaign,
      line.call,
      line.number,
      line.source,
    ],
    ...[line.connected_ms, line.amount, currency, line.corrects, line.payable_at, line.why, line.made_by],
  ]);
  return csv(head, rows);
}
