/** What a CSV file would import, and all that is wrong with it as far as the config tells. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { normalizeNumber } from '../routing/number.ts';
import type { Given } from './given.ts';
import { givenPool } from './inventory.ts';
import { readCsv, type CsvLine, type CsvProblem } from './number-csv.ts';

export type LineProblem = CsvProblem;

export interface Entry {
  readonly line: number;
  readonly number: string;
  readonly pool: string;
}

interface NumbersOfFile {
  readonly entries: readonly Entry[];
  readonly problems: readonly LineProblem[];
}

/** A millisecond or a few: calls are on the same thread, and wait for no more than this. */
const portion = 100;

export async function entriesOf(csv: string, given: Given): Promise<NumbersOfFile> {
  const entries: Entry[] = [];
  const problems: LineProblem[] = [];
  const firstLines = new Map<string, number>();
  let lines = 0;
  for (const read of readCsv(csv)) {
    lines += 1;
    if (lines % portion === 0) await nextTurn();
    const entry = 'message' in read ? read : entryOf(read, given);
    if ('message' in entry) {
      problems.push(entry);
      continue;
    }
    entries.push(entry);
    const first = firstLines.get(entry.number);
    if (first === undefined) firstLines.set(entry.number, entry.line);
    else problems.push({ line: entry.line, message: `${entry.number} stands on line ${first} already` });
  }
  return { entries, problems };
}

function entryOf({ line, number: written, pool }: CsvLine, given: Given): Entry | LineProblem {
  const number = normalizeNumber(written, given.country);
  if (number === null) return { line, message: `"${written}" is not a telephone number` };
  if (!given.pools.has(pool)) return { line, message: `there is no pool "${pool}"` };
  const listed = givenPool(given, number);
  if (listed !== null) return { line, message: `${number} is in pool ${listed} of the config already` };
  const owner = given.network.numbers.get(number);
  if (owner) return { line, message: `${number} is given to ${owner.publisher} by the config` };
  return { line, number, pool };
}
