/** Numbers for pools, from a CSV file: all of its lines, or none. */
import { sql, type Kysely } from 'kysely';
import { normalizeNumber } from '../routing/number.ts';
import type { Schema } from '../records/schema.ts';
import type { Given } from './given.ts';
import { givenPool } from './inventory.ts';
import { readCsv, type CsvLine } from './number-csv.ts';
import type { Publishing } from './publishing.ts';
import { inTurn } from './turn.ts';

export interface LineProblem {
  /** From 1, the head being one. */
  readonly line: number;
  readonly message: string;
}

export type Imported =
  | { readonly ok: true; readonly imported: number }
  | {
      readonly ok: false;
      readonly reason: 'bad_file';
      readonly message: string;
      readonly problems: readonly LineProblem[];
    };

interface Entry {
  readonly line: number;
  readonly number: string;
  readonly pool: string;
}

export async function importNumbers({ db, given }: Publishing, csv: string): Promise<Imported> {
  const file = readCsv(csv);
  const known = given();
  const lines = file.lines.map((line) => entryOf(line, known));
  const entries = lines.flatMap((line) => ('message' in line ? [] : [line]));
  const problems: LineProblem[] = [
    ...file.problems,
    ...lines.flatMap((line) => ('message' in line ? [line] : [])),
    ...repeated(entries),
  ];
  return inTurn(db, async (trx) => {
    problems.push(...(await importedBefore(trx, entries)));
    if (problems.length > 0) return badFile(problems);
    await sql`
      insert into imported_numbers (number, pool)
      select * from unnest(${entries.map(({ number }) => number)}::text[], ${entries.map(({ pool }) => pool)}::text[])`.execute(
      trx,
    );
    return { ok: true, imported: entries.length };
  });
}

function badFile(problems: readonly LineProblem[]): Imported {
  const inOrder = problems.toSorted((a, b) => a.line - b.line);
  const many = inOrder.length === 1 ? 'an error' : `${inOrder.length} errors`;
  return {
    ok: false,
    reason: 'bad_file',
    message: `nothing is imported: the file has ${many}`,
    problems: inOrder,
  };
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

function repeated(entries: readonly Entry[]): readonly LineProblem[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ line, number }) => {
    const before = first.get(number);
    if (before !== undefined) return [{ line, message: `${number} stands on line ${before} already` }];
    first.set(number, line);
    return [];
  });
}

async function importedBefore(
  db: Kysely<Schema>,
  entries: readonly Entry[],
): Promise<readonly LineProblem[]> {
  const numbers = entries.map(({ number }) => number);
  const rows = await db
    .selectFrom('imported_numbers')
    .select(['number', 'pool'])
    .where('number', '=', sql<string>`any(${numbers}::text[])`)
    .execute();
  const pools = new Map(rows.map(({ number, pool }) => [number, pool]));
  return entries.flatMap(({ line, number }) => {
    const pool = pools.get(number);
    return pool === undefined
      ? []
      : [{ line, message: `${number} was imported before: it is in pool ${pool}` }];
  });
}
