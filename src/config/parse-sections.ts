import { basename } from 'node:path';
import { explain } from './explain.ts';
import type { Report } from './report.ts';
import { includedSchema, joined, namedSections, schema, switchSections } from './schema.ts';
import type { IncludedSections, Sections } from './schema.ts';
import type { GivenEverywhere } from './sections/fields.ts';
import type { Source } from './source.ts';
import { isBranch, keysOf } from './yaml/tree.ts';

/** Each file read by the schema, its paths from its own folder; null where one does not fit. */
export function parseSections(
  main: Source,
  included: readonly Source[],
  given: GivenEverywhere,
  report: Report,
): Sections | null {
  const shape = schema({ ...given, dir: main.dir });
  const own = shape.safeParse(main.tree);
  if (!own.success)
    explain(own.error.issues, { tree: main.tree, schema: shape, report: report.within(main) });
  let sound = own.success;
  const others: IncludedSections[] = [];
  // Building a schema costs more than reading a small file by it, and files lie in few folders.
  const shapes = new Map<string, ReturnType<typeof includedSchema>>();
  for (const source of included) {
    const within = report.within(source);
    tellMisplaced(main, source, within);
    const shape = shapes.get(source.dir) ?? includedSchema({ ...given, dir: source.dir });
    shapes.set(source.dir, shape);
    // A file in which everything is commented out is as good as not there.
    const tree = source.tree ?? {};
    const parsed = shape.safeParse(tree);
    if (parsed.success) others.push(parsed.data);
    else explain(parsed.error.issues, { tree, schema: shape, report: within });
    sound &&= parsed.success;
  }
  return own.success && sound ? joined(own.data, others) : null;
}

/** An included file holds named things and nothing else. */
function tellMisplaced(main: Source, { tree }: Source, report: Report): void {
  if (tree !== null && !isBranch(tree)) {
    report.error([], 'the file does not hold a map of sections', `one of: ${namedSections.join(', ')}`);
  }
  for (const key of keysOf(tree)) {
    if (switchSections.some((section) => section === key)) {
      report.error(
        [key],
        `"${key}" cannot stand in an included file`,
        `write it in ${basename(main.file)}`,
        'key',
      );
    }
  }
}
