import type { Report } from '../report.ts';
import { namedSections } from '../schema.ts';
import type { Source } from '../source.ts';
import { isBranch, newBranch } from '../yaml/tree.ts';
import type { Branch, Path } from '../yaml/tree.ts';

/** What all files say, as if one file said it. */
interface Merged {
  readonly tree: Branch;
  /** The file that a path of the tree stands in. */
  readonly sourceOf: (path: Path) => Source;
  /** Names that a file gives although an earlier one did. */
  readonly twice: readonly { readonly path: Path; readonly source: Source }[];
}

/** Of the sources, the first is the one that was named: it alone says what the switch itself is. */
export function merge(main: Source, included: readonly Source[]): Merged {
  const tree = Object.assign(newBranch(), main.tree);
  const owners = new Map<string, Map<string, Source>>();
  const twice: { path: Path; source: Source }[] = [];
  for (const section of namedSections) {
    const parts = included.flatMap((source) => {
      const part = isBranch(source.tree) ? source.tree[section] : undefined;
      return isBranch(part) ? [{ source, part }] : [];
    });
    if (parts.length === 0) continue;
    const own = tree[section];
    const all = Object.assign(newBranch(), isBranch(own) ? own : {});
    const ownersHere = new Map<string, Source>();
    for (const { source, part } of parts) {
      for (const [name, thing] of Object.entries(part)) {
        if (Object.hasOwn(all, name)) twice.push({ path: [section, name], source });
        else {
          all[name] = thing;
          ownersHere.set(name, source);
        }
      }
    }
    owners.set(section, ownersHere);
    tree[section] = all;
  }
  const sourceOf = ([section, name]: Path): Source => owners.get(String(section))?.get(String(name)) ?? main;
  return { tree, sourceOf, twice };
}

/** A name belongs to one file: both places are told. */
export function tellTwice({ twice }: Merged, report: Report): void {
  for (const { path, source } of twice) {
    report
      .within(source)
      .error(
        path,
        `"${String(path[1])}" is given twice`,
        `it stands ${report.whereIs(path, source)} already: keep one of the two`,
        'key',
      );
  }
}
