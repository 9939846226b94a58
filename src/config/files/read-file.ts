import { readFile, stat } from 'node:fs/promises';
import { bad, good } from '../values/parsed.ts';
import type { Parsed } from '../values/parsed.ts';

/** Ten thousand buyers, or half a million numbers one by one, are less than this. */
const mostBytes = 32 * 1024 * 1024;

/** The text of a config file, or why it cannot be had. */
export async function readConfigFile(file: string): Promise<Parsed<string>> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return bad('is a folder', 'name the file in it');
    if (!found.isFile()) return bad('is not a plain file', 'name a YAML file');
    if (found.size > mostBytes) {
      return bad(
        `is too large (${(found.size / 1024 / 1024).toFixed(1)} MB)`,
        `a file of a config is at most ${mostBytes / 1024 / 1024} MB`,
      );
    }
    const bytes = await readFile(file);
    if (bytes.includes(0)) return bad('is not text', 'name a YAML file in UTF-8');
    return good(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return bad(...whyUnreadable(error));
  }
}

function whyUnreadable(error: unknown): [message: string, hint: string] {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return ['does not exist', 'name it with --config FILE'];
    case 'EACCES':
    case 'EPERM':
      return ['may not be read', 'check its owner and permissions'];
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return ['is not text in UTF-8', 'save it as UTF-8'];
    default:
      return [`cannot be read (${code || String(error)})`, 'check the path'];
  }
}
