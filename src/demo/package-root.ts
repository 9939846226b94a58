import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json: two levels up in the sources, three in what is compiled of them. */
export const packageRoot = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}
