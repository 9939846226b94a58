/** The lines of a CSV file with the columns `number` and `pool`, and what is wrong with its form. */
import { CsvError, parse } from 'csv-parse/sync';

export interface CsvLine {
  readonly line: number;
  readonly number: string;
  readonly pool: string;
}

export interface CsvFile {
  readonly lines: readonly CsvLine[];
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

export function readCsv(text: string): CsvFile {
  const problems: { line: number; message: string }[] = [];
  const tell = (error: unknown) => {
    if (!(error instanceof CsvError)) throw error;
    problems.push({ line: lineOf(error), message: error.message });
  };
  const [head, ...rows] = recordsOf(text, tell);
  const columns = head?.record.map((name) => name.toLowerCase()) ?? [];
  if (columns.toSorted().join() !== 'number,pool')
    return {
      lines: [],
      problems: [{ line: head?.line ?? 1, message: 'the first line must be number,pool' }],
    };
  const lines = rows.flatMap(({ line, record }) => {
    if (record.length === 2)
      return [
        {
          line,
          number: record[columns.indexOf('number')] ?? '',
          pool: record[columns.indexOf('pool')] ?? '',
        },
      ];
    problems.push({ line, message: `has ${record.length} columns, not 2` });
    return [];
  });
  return { lines, problems };
}

interface CsvRecord {
  readonly line: number;
  readonly record: readonly string[];
}

function recordsOf(text: string, tell: (error: unknown) => void): readonly CsvRecord[] {
  const found: CsvRecord[] = [];
  try {
    parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        tell(error);
        return undefined;
      },
      on_record: (record: readonly string[], { lines }) => {
        found.push({ line: lines, record });
        return null;
      },
    });
  } catch (error) {
    tell(error);
  }
  return found;
}

const lineOf = (error: CsvError): number => ('lines' in error ? Number(error['lines']) : 1);
