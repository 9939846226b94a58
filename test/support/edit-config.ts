import { readFile, rename, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';

/** A config as its YAML has it, as far as the tests change it. */
export interface RawConfig {
  include?: string[];
  http: { listen: string };
  limits: Record<string, unknown>;
  buyers: Record<string, Record<string, unknown>>;
  campaigns: Record<string, { routing: { routes: Record<string, unknown>[] } & Record<string, unknown> }>;
}

/** Changes a config as an editor would: a new file takes the place of the old one. */
export async function editConfig(file: string, change: (config: RawConfig) => void): Promise<void> {
  const config = parse(await readFile(file, 'utf8')) as RawConfig;
  change(config);
  await replaceFile(file, stringify(config));
}

export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
