import type { Remark } from './yaml/read-yaml.ts';
import type { Written } from './yaml/places.ts';
import type { Path, Tree } from './yaml/tree.ts';

/** One file of a config: the one that was named, or one that it includes. */
export interface Source {
  /** Absolute path. */
  readonly file: string;
  /** Where relative paths in it start from. */
  readonly dir: string;
  readonly tree: Tree;
  readonly remarks: readonly Remark[];
  readonly find: (path: Path) => Written | undefined;
}
