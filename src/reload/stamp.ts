import { readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where a config comes from: its files, and the folders in which an `include` looks for more. */
export interface Places {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Every folder in which something can happen that concerns the config. */
export function watchedFolders({ files, folders }: Places): readonly string[] {
  return [...new Set([...files.map((file) => dirname(file)), ...folders])];
}

/**
 * How a config looks from outside: of each file its inode, size and times, of each folder the names in it. Symbolic
 * links are followed, so that a swap of what they point at shows.
 */
export async function stampOf({ files, folders }: Places): Promise<string> {
  const seen = await Promise.all([...files.map(look), ...folders.map(namesIn)]);
  return seen.join('\n');
}

async function look(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    return `${file} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return `${file} gone`;
  }
}

/** Without hidden names: editors keep their own there. */
async function namesIn(folder: string): Promise<string> {
  const names = await readdir(folder).catch((): string[] => []);
  const visible = names.filter((name) => !name.startsWith('.') && !name.endsWith('~'));
  return `${folder} ${visible.sort().join(' ')}`;
}
