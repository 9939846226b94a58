import { mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * Makes the folders that a recording is to lie in, if that is below `folder`, whatever links stand on the way; else
 * says what is wrong with it. Rejects where they cannot be made.
 */
export async function makePlace(folder: string, path: string): Promise<{ readonly wrong: string } | null> {
  if (!isAbsolute(path)) return { wrong: 'not an absolute path' };
  if (!isBelow(folder, resolve(path))) return outside;
  const place = dirname(resolve(path));
  await mkdir(place, { recursive: true, mode: 0o700 });
  const [realFolder, realPlace] = await Promise.all([realpath(folder), realpath(place)]);
  return realPlace === realFolder || isBelow(realFolder, realPlace) ? null : outside;
}

const outside = { wrong: 'not in the folder for recordings' };

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}
