import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json: above the sources, and above what is compiled of them. */
export function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}
