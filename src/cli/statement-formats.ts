/** A statement as people and programs want it: a table, JSON, CSV, a page to print. */
import Table from 'cli-table3';
import type { Config } from '../config/config.ts';
import type { FullStatement } from '../records/statements/show-statement.ts';
import { printable } from './context.ts';
import { statementCsv } from '../records/statements/as-csv.ts';
import { statementPage } from '../records/statements/page.ts';
import { aboutLine, onTheClock } from '../records/statements/words.ts';

export const statementFormats = ['table', 'json', 'csv', 'html'] as const;
export type StatementFormat = (typeof statementFormats)[number];

export function writtenStatement(statement: FullStatement, format: StatementFormat, config: Config): string {
  switch (format) {
    case 'table':
      return asTable(statement, config);
    case 'json':
      return `${JSON.stringify(statement, null, 2)}\n`;
    case 'csv':
      return statementCsv(statement);
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
