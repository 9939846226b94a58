import { lstat, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { quarantineOf } from './survey.ts';

/** Moves a file or folder of the journal to where nothing reads it and nothing deletes it. Resolves to its new place. */
export async function moveToQuarantine(dir: string, path: string): Promise<string> {
  const quarantine = quarantineOf(dir);
  await mkdir(quarantine, { recursive: true, mode: 0o700 });
  for (let again = 0; ; again++) {
    const place = join(quarantine, `${basename(path)}${again === 0 ? '' : `.${again}`}`);
    if (await isTaken(place)) continue;
    await rename(path, place);
    return place;
  }
}

const isTaken = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
