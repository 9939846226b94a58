/** How a command answers that was done or refused, and one that lists. */
import { printable, printJson, printTable, refuse } from './context.ts';

interface Refused {
  readonly ok: false;
  readonly reason: string;
  readonly message: string;
}

/** As JSON, a refusal is an answer, too; the exit code is 1 in either form. */
export function answered<Result extends { readonly ok: true } | Refused>(
  result: Result | null,
  json: boolean | undefined,
  view: (done: Extract<Result, { readonly ok: true }>) => object,
  inWords: (done: Extract<Result, { readonly ok: true }>) => string | readonly string[],
): void {
  if (result === null) return;
  if (isDone(result)) {
    if (json === true) printJson(view(result));
    else for (const line of [inWords(result)].flat()) process.stdout.write(`${printable(line)}\n`);
  } else if (!result.ok) {
    if (json === true) printJson(result);
    refuse(result.message);
  }
}

const isDone = <Result extends { readonly ok: true } | Refused>(
  result: Result,
): result is Extract<Result, { readonly ok: true }> => result.ok;

/** A list, or in words that it is empty. */
export function listed<T>(
  items: readonly T[] | null,
  json: boolean | undefined,
  none: string,
  columns: Readonly<Record<string, (item: T) => string | number | null>>,
): void {
  if (items === null) return;
  if (json === true) printJson(items);
  else if (items.length === 0) process.stdout.write(`${none}\n`);
  else
    printTable(
      Object.keys(columns),
      items.map((item) => Object.values(columns).map((cell) => cell(item))),
    );
}
