/**
 * A config file as a tree of texts. Every scalar is kept as the text that was written, so that money never passes
 * through a float, `+18005550100` keeps its plus and `off` is a word; what a text means is for its field to say.
 */
export type Tree = string | null | readonly Tree[] | Branch;
export interface Branch {
  readonly [key: string]: Tree;
}

/**
 * An empty branch, in which a key such as "constructor" or "__proto__" is a key and nothing else. Made by a constructor
 * without a prototype: what Object.create(null) makes is kept as a hash table, ten times as large.
 */
export const newBranch = (): Record<string, Tree> => new Bare() as unknown as Record<string, Tree>;

// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- see newBranch
class Bare {
  static {
    Object.setPrototypeOf(this.prototype, null);
    Reflect.deleteProperty(this.prototype, 'constructor');
  }
}

export type Path = readonly (string | number)[];

export const isBranch = (tree: Tree | undefined): tree is Branch =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);

/** The keys of a branch; none where there is no branch. */
export const keysOf = (tree: Tree | undefined): string[] => (isBranch(tree) ? Object.keys(tree) : []);

/** What stands at a path; undefined where nothing does. */
export function at(tree: Tree | undefined, path: Path): Tree | undefined {
  let here = tree;
  for (const step of path) {
    if (Array.isArray(here)) here = (here as readonly Tree[])[Number(step)];
    else if (isBranch(here) && Object.hasOwn(here, step)) here = here[step];
    else return undefined;
  }
  return here;
}

/** The text at a path; undefined where there is none. */
export function textAt(tree: Tree | undefined, path: Path): string | undefined {
  const found = at(tree, path);
  return typeof found === 'string' ? found : undefined;
}

export interface Place {
  readonly path: Path;
  readonly tree: Tree;
}

/** The whole tree as a place. */
export const root = (tree: Tree): Place => ({ path: [], tree });

/** Every place below that a pattern such as `campaigns.*.routing.routes.*.buyer` names; `*` is any key or index. */
export function select(from: Place, pattern: string): Place[] {
  let places: Place[] = [from];
  for (const step of pattern.split('.')) {
    places = places.flatMap((place) => (step === '*' ? children(place) : child(place, step)));
  }
  return places;
}

export function children({ path, tree }: Place): Place[] {
  if (Array.isArray(tree)) {
    return (tree as readonly Tree[]).map((inner, index) => ({ path: [...path, index], tree: inner }));
  }
  if (!isBranch(tree)) return [];
  return Object.entries(tree).map(([key, inner]) => ({ path: [...path, key], tree: inner }));
}

function child({ path, tree }: Place, key: string): Place[] {
  const inner = isBranch(tree) && Object.hasOwn(tree, key) ? tree[key] : undefined;
  return inner === undefined ? [] : [{ path: [...path, key], tree: inner }];
}
