/** File patterns: `*` and `?` within a name, `**` for any depth of folders. Names with a leading dot must say so. */
import { readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join, parse, resolve } from 'node:path';

interface Matched {
  /** Absolute, sorted. What need not be looked for is there unasked: a path without wildcards matches itself. */
  readonly files: readonly string[];
  /** The folders that were looked into: a new file there may match. */
  readonly folders: readonly string[];
}

export const isPattern = (path: string): boolean => /[*?]/.test(path);

/** The files that a pattern names, relative ones from `dir`. What cannot be looked into holds no files. */
export async function filesMatching(pattern: string, dir: string): Promise<Matched> {
  const { root } = parse(pattern);
  const steps = pattern
    .slice(root.length)
    .split('/')
    .filter((step) => step !== '' && step !== '.');
  const last = steps.at(-1) === '**' ? '*' : (steps.pop() ?? '');
  const folders = new Set<string>();
  let places = [root === '' ? dir : resolve(root)];
  for (const step of steps) places = await all(places, (place) => foldersUnder(place, step, folders));
  const files = await all(places, (place) => filesUnder(place, last, folders));
  return { files: [...new Set(files)].sort(), folders: [...folders] };
}

/** Deeper than anyone keeps configs; a link to its own folder would never end. */
const deepest = 16;

async function foldersUnder(place: string, step: string, seen: Set<string>, depth = 0): Promise<string[]> {
  if (!isPattern(step)) return [join(place, step)];
  const entries = (await entriesOf(place, seen)).filter((entry) => entry.isDirectory());
  if (step !== '**') return entries.filter(named(step)).map(({ name }) => join(place, name));
  const open = depth < deepest ? entries.filter(named('*')) : [];
  const under = await all(open, ({ name }) => foldersUnder(join(place, name), step, seen, depth + 1));
  return [place, ...under];
}

async function filesUnder(place: string, step: string, seen: Set<string>): Promise<string[]> {
  if (!isPattern(step)) return [join(place, step)];
  const entries = await entriesOf(place, seen);
  const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
  return files.filter(named(step)).map(({ name }) => join(place, name));
}

async function entriesOf(folder: string, seen: Set<string>): Promise<Dirent[]> {
  seen.add(folder);
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function named(step: string): (entry: Dirent) => boolean {
  const source = step
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${step.startsWith('.') ? '' : '(?!\\.)'}${source}$`, 's');
  return ({ name }) => pattern.test(name);
}

async function all<T, U>(things: readonly T[], of: (thing: T) => Promise<readonly U[]>): Promise<U[]> {
  return (await Promise.all(things.map(of))).flat();
}
