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

/** Of a file, blank ones and the head among them. */
export const mostLines = 200_000;
/** In characters: many times what a number and a pool need. */
const longestLine = 1_000;

/** One at a time as they are asked for: a file may have more lines than there is time for in one turn. */
export function* readCsv(text: string): Generator<CsvLine | CsvProblem> {
  let columns: readonly string[] | null = null;
  for (const { line, written } of linesOf(text)) {
    if (line > mostLines) {
      yield { line, message: `a file has ${mostLines.toLocaleString('en')} lines at most` };
      return;
    }
    if (written.trim() === '') continue;
    const cells = written.length > longestLine ? 'too long' : cellsOf(written);
    if (columns === null) {
      columns = typeof cells === 'string' ? [] : cells.map((name) => name.toLowerCase());
      if (columns.toSorted().join() === 'number,pool') continue;
      yield { line, message: headWanted };
      return;
    }
    yield lineOf(line, columns, cells);
  }
  if (columns === null) yield { line: 1, message: headWanted };
}

const headWanted = 'the first line must be number,pool';

function lineOf(
  line: number,
  columns: readonly string[],
  cells: readonly string[] | 'too long' | 'open quotes',
): CsvLine | CsvProblem {
  if (cells === 'too long') return { line, message: `is longer than ${longestLine} characters` };
  if (cells === 'open quotes') return { line, message: 'its quotes do not close' };
  if (cells.length !== 2) return { line, message: `has ${counted(cells.length, 'column')}, not 2` };
  const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
  return { line, number: cell('number'), pool: cell('pool') };
}

function* linesOf(text: string): Generator<{ readonly line: number; readonly written: string }> {
  const ends = /\r\n|\n|\r/g;
  let begin = text.startsWith('\uFEFF') ? 1 : 0;
  for (let line = 1; begin < text.length; line++) {
    const end = ends.exec(text);
    yield { line, written: text.slice(begin, end?.index) };
    if (end === null) return;
    begin = ends.lastIndex;
  }
}

/**
 * Of one line alone: neither numbers nor pools go over several, and so a quote that is not closed spoils its own line and
 * none of those below. Nearly all have no quotes; a parser takes longer to begin than such a line takes to cut.
 */
function cellsOf(line: string): readonly string[] | 'open quotes' {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  try {
    return parse(line, { trim: true, relax_column_count: true })[0] ?? [];
  } catch (error) {
    if (error instanceof CsvError) return 'open quotes';
    throw error;
  }
}

const counted = (many: number, noun: string): string => `${many} ${noun}${many === 1 ? '' : 's'}`;
