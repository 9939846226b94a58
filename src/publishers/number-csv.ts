/** The lines of a CSV file with the columns `number` and `pool`, and what is wrong with its form. */
import { CsvError, parse } from 'csv-parse/sync';

export interface CsvLine {
  /** From 1, the head being one. */
  readonly line: number;
  readonly number: string;
  readonly pool: string;
}

export interface CsvProblem {
  readonly line: number;
  readonly message: string;
}

export interface CsvFile {
  readonly lines: readonly CsvLine[];
  readonly problems: readonly CsvProblem[];
}

export function readCsv(text: string): CsvFile {
  const [head, ...rows] = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .flatMap((written, at) => (written.trim() === '' ? [] : [{ line: at + 1, cells: cellsOf(written) }]));
  const columns = head?.cells?.map((name) => name.toLowerCase()) ?? [];
  if (columns.toSorted().join() !== 'number,pool')
    return {
      lines: [],
      problems: [{ line: head?.line ?? 1, message: 'the first line must be number,pool' }],
    };
  const read = rows.map(({ line, cells }): CsvLine | CsvProblem => {
    if (cells === null) return { line, message: 'its quotes do not close' };
    if (cells.length !== 2) return { line, message: `has ${counted(cells.length, 'column')}, not 2` };
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    return { line, number: cell('number'), pool: cell('pool') };
  });
  return {
    lines: read.flatMap((line) => ('message' in line ? [] : [line])),
    problems: read.flatMap((line) => ('message' in line ? [line] : [])),
  };
}

/**
 * Of one line alone: neither numbers nor pools go over several, and so a quote that is not closed spoils its own line and
 * none of those below. Null where the quotes are wrong.
 */
function cellsOf(line: string): readonly string[] | null {
  try {
    return parse(line, { trim: true, relax_column_count: true })[0] ?? [];
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

const counted = (many: number, noun: string): string => `${many} ${noun}${many === 1 ? '' : 's'}`;
