/** A config is one file, and the files that it includes, and those that they include. */
import { realpath } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { Problem } from '../config.ts';
import type { Environment } from '../environment.ts';
import type { Source } from '../source.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import type { Misspelt, Remark } from '../yaml/read-yaml.ts';
import { at, children } from '../yaml/tree.ts';
import { filesMatching, isPattern } from './glob.ts';
import { readConfigFile } from './read-file.ts';

interface ReadSources {
  /** Of what could be read, the file that was named first; then in the order in which they are included. */
  readonly sources: readonly Source[];
  /** Whether every file could be read; what is told of the rest of the config is worth little if not. */
  readonly complete: boolean;
  /** What is no YAML. */
  readonly misspelt: readonly Problem[];
  /** Every file that was asked for, read or not. */
  readonly files: readonly string[];
  /** The folders in which patterns looked for files. */
  readonly folders: readonly string[];
}

/** `text` is what stands in `file`, an absolute path; included files are read from disk. */
export async function readSources(file: string, text: string, env: Environment): Promise<ReadSources> {
  const reader = new SourceReader(env);
  await reader.read(file, text, []);
  const { sources, complete, misspelt, files, folders } = reader;
  return { sources, complete, misspelt, files: [...files.values()], folders: [...folders] };
}

/** More than any network is cut into; a pattern that matches a whole disk must end. */
const mostFiles = 10_000;

class SourceReader {
  readonly sources: Source[] = [];
  complete = true;
  readonly misspelt: Problem[] = [];
  /** By where they really lie: two names of one file are one file. */
  readonly files = new Map<string, string>();
  readonly folders = new Set<string>();
  private readonly env: Environment;

  constructor(env: Environment) {
    this.env = env;
  }

  /** `within` are the files that led here, outermost first. */
  async read(file: string, text: string, within: readonly string[]): Promise<void> {
    this.files.set(await truePath(file), file);
    const read = readYaml(text, this.env);
    if (!read.ok) {
      this.complete = false;
      this.misspelt.push(...read.errors.map((error) => misspeltIn(file, error)));
      return;
    }
    const { tree, find, remarks } = read.yaml;
    const own: Remark[] = [...remarks];
    this.sources.push({ file, dir: dirname(file), tree, remarks: own, find });
    for (const { path, tree: pattern } of children({
      path: ['include'],
      tree: at(tree, ['include']) ?? null,
    })) {
      // What is not a text is the schema's to tell.
      if (typeof pattern !== 'string' || pattern.trim() === '') continue;
      const tell = (message: string, hint: string, severity: Remark['severity'] = 'error'): void => {
        own.push({ severity, path, message, hint, where: 'value' });
      };
      await this.include(pattern, [...within, file], tell);
    }
  }

  private async include(pattern: string, within: readonly string[], tell: Tell): Promise<void> {
    const from = within.at(-1) ?? '';
    const { files, folders } = await filesMatching(pattern, dirname(from));
    for (const folder of folders) this.folders.add(folder);
    if (files.length === 0) tell(`${pattern} matches no file`, hintOfPaths, 'warning');
    for (const file of files) {
      const known = this.files.get(await truePath(file));
      if (known !== undefined && within.includes(known)) {
        tell(`${pattern} includes ${circle(within, known)} again`, 'a file cannot stand within itself');
      }
      if (known !== undefined) continue;
      if (this.files.size >= mostFiles) {
        tell(`${pattern} makes it more than ${mostFiles} files`, 'include fewer');
        return;
      }
      const text = await readConfigFile(file);
      if (text.ok) await this.read(file, text.value, within);
      else {
        this.complete = false;
        this.files.set(await truePath(file), file);
        const shown = isPattern(pattern) ? relative(dirname(from), file) : pattern;
        tell(`${shown} ${text.message}`, text.message === 'does not exist' ? hintOfPaths : text.hint);
      }
    }
  }
}

type Tell = (message: string, hint: string, severity?: Remark['severity']) => void;

const hintOfPaths = 'paths start from the folder of this file';

/** `a.yaml → b.yaml → a.yaml`, by the names that they have from the folder of the first. */
function circle(within: readonly string[], again: string): string {
  const folder = dirname(within[0] ?? '');
  return [...within.slice(within.indexOf(again)), again].map((file) => relative(folder, file)).join(' → ');
}

async function truePath(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch {
    return resolve(file);
  }
}

function misspeltIn(file: string, { message, at }: Misspelt): Problem {
  const hint = 'this must be right before the rest can be read';
  return { severity: 'error', file, path: '', ...at, message, hint };
}
