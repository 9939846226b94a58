/** A statement as people and programs want it: a table, JSON, CSV, a page to print. */
import Table from 'cli-table3';
import type { Config } from '../config/config.ts';
import type { FullStatement } from '../records/statements/show-statement.ts';
import { printable } from './context.ts';
import { csv } from './csv.ts';
import { statementPage } from './statement-page.ts';
import { aboutLine, onTheClock } from './statement-words.ts';

export const statementFormats = ['table', 'json', 'csv', 'html'] as const;
export type StatementFormat = (typeof statementFormats)[number];

export function writtenStatement(statement: FullStatement, format: StatementFormat, config: Config): string {
  switch (format) {
    case 'table':
      return asTable(statement, config);
    case 'json':
      return `${JSON.stringify(statement, null, 2)}\n`;
    case 'csv':
      return asCsv(statement);
    case 'html':
      return statementPage(statement, config);
  }
}

function asTable(statement: FullStatement, config: Config): string {
  const { id, month, publisher, buyer, total, currency, lines } = statement;
  const table = new Table({
    head: ['at', 'for', 'campaign', 'source', 'call', currency],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'left', 'left', 'left', 'right'],
  });
  table.push(
    ...lines.map((line) => [
      ...[onTheClock(line.at, config), printable(aboutLine(line))],
      ...[line.campaign ?? '–', printable(line.source ?? '–')],
      ...[line.call ?? '–', line.amount],
    ]),
  );
  const owes = publisher === null ? `${buyer ?? ''} owes` : `${publisher} is owed`;
  const listed = lines.length === 0 ? 'nothing is in it\n' : `${table.toString()}\n`;
  return `${id}\n${listed}${owes} ${total} ${currency} for ${month}\n`;
}

/** One row a line, times in UTC; the rows sum up to the total. */
function asCsv({ id, currency, lines }: FullStatement): string {
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
