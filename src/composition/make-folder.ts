import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../message-of.ts';

/**
 * The folder and those above it, each made by itself: Node's recursive mkdir spins for ever where a parent answers
 * ENOENT to everything, as /proc does. What is in the way is told in words; so is that nothing can be written to `data`,
 * the one above it that is ours.
 */
export async function makeFolder(
  folder: string,
  data: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly problem: string }> {
  try {
    await make(folder);
  } catch (error) {
    return { ok: false, problem: `data: ${folder} cannot be made: ${why(error)}` };
  }
  try {
    await access(data, constants.W_OK);
    return { ok: true };
  } catch (error) {
    return { ok: false, problem: `data: ${data} cannot be written: ${why(error)}` };
  }
}

async function make(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => null);
  if (there?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder) await make(parent);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST') || there) throw error;
  });
}

function why(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there; give another folder with --data';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file is in the way; give another folder with --data';
    case 'EROFS':
      return 'the file system is read-only; give another folder with --data';
    default:
      return messageOf(error);
  }
}
