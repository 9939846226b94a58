/** Numbers for pools, from a CSV file: all of its lines, or none. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../records/schema.ts';
import { entriesOf, type Entry, type LineProblem } from './numbers-of-file.ts';
import type { Publishing } from './publishing.ts';
import { inTurn } from './turn.ts';

export type Imported =
  | { readonly ok: true; readonly imported: number }
  | {
      readonly ok: false;
      readonly reason: 'bad_file';
      readonly message: string;
      readonly problems: readonly LineProblem[];
    };

export async function importNumbers({ db, given }: Publishing, csv: string): Promise<Imported> {
  const { entries, problems } = await entriesOf(csv, given());
  return inTurn(db, async (trx) => {
    const found = [...problems, ...(await importedBefore(trx, entries))];
    if (found.length > 0) return badFile(found);
    for (const some of stretchesOf(entries))
      await sql`
        insert into imported_numbers (number, pool)
        select * from unnest(${some.map(({ number }) => number)}::text[], ${some.map(({ pool }) => pool)}::text[])`.execute(
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

async function importedBefore(
  db: Kysely<Schema>,
  entries: readonly Entry[],
): Promise<readonly LineProblem[]> {
  const problems: LineProblem[] = [];
  for (const some of stretchesOf(entries)) {
    const rows = await db
      .selectFrom('imported_numbers')
      .select(['number', 'pool'])
      .where('number', '=', sql<string>`any(${some.map(({ number }) => number)}::text[])`)
      .execute();
    const pools = new Map(rows.map(({ number, pool }) => [number, pool]));
    for (const { line, number } of some) {
      const pool = pools.get(number);
      if (pool !== undefined)
        problems.push({ line, message: `${number} was imported before: it is in pool ${pool}` });
    }
  }
  return problems;
}

/** What goes to the database in one statement. */
const stretch = 2_000;

function* stretchesOf(entries: readonly Entry[]): Generator<readonly Entry[]> {
  for (let at = 0; at < entries.length; at += stretch) yield entries.slice(at, at + stretch);
}
