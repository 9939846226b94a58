/** What a switch knew of held numbers, in a file of its data directory: it routes on by it while the database is away. */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { HeldBook, Holding, Loan } from './held-book.ts';

const holding = z.object({
  id: z.number(),
  number: z.string(),
  campaign: z.string(),
  publisher: z.string(),
  source: z.string().nullable(),
  use: z.enum(['fixed', 'visitors']),
  paused: z.boolean(),
  from: z.number(),
  until: z.number().nullable(),
  version: z.number(),
});
const loan = z.object({
  visit: z.string(),
  number: z.string(),
  publisher: z.string(),
  campaign: z.string(),
  tags: z.record(z.string(), z.string()),
  from: z.number(),
  until: z.number(),
  version: z.number(),
});
const kept = z.object({ format: z.literal(1), holdings: z.array(holding), loans: z.array(loan) });

export interface KeptHoldings {
  readonly holdings: readonly Holding[];
  readonly loans: readonly Loan[];
}

/** Null where there is none yet. Throws where it cannot be read, or is not what we wrote. */
export async function readHoldings(file: string): Promise<KeptHoldings | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : kept.parse(JSON.parse(text));
}

/** As `kept` has it, in portions: calls do not wait while all of it is put in words. */
function* textOf(holdings: readonly Holding[], loans: readonly Loan[]): Generator<string> {
  yield '{"format":1,"holdings":[';
  yield* inPortions(holdings);
  yield '],"loans":[';
  yield* inPortions(loans);
  yield ']}\n';
}

const portion = 250;

function* inPortions(all: readonly (Holding | Loan)[]): Generator<string> {
  for (let from = 0; from < all.length; from += portion) {
    const texts = all.slice(from, from + portion).map((one) => JSON.stringify(one));
    yield `${from === 0 ? '' : ','}${texts.join(',')}`;
  }
}

/** Whole and on the disk before it takes the place of the last one. */
export async function writeHoldings(file: string, book: HeldBook): Promise<void> {
  const next = `${file}.new`;
  const written = await open(next, 'w', 0o600);
  try {
    for (const text of textOf(book.holdings(), book.loans())) await written.writeFile(text);
    await written.sync();
  } finally {
    await written.close();
  }
  await rename(next, file);
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}
