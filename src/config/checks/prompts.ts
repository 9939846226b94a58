/** A missing or unplayable prompt is found here, not by a caller. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Report } from '../report.ts';
import { root, select } from '../yaml/tree.ts';
import type { Source } from '../source.ts';
import { describeWave } from './wave.ts';

const prompts = [
  'buyers.*.whisper',
  'ivrs.*.steps.*.play',
  'ivrs.*.steps.*.menu.play',
  'ivrs.*.steps.*.gather.play',
  'campaigns.*.routing.no_buyer.play',
];
/** Headers end long before, whatever tags an editor left in them. */
const headerBytes = 64 * 1024;

export async function checkPrompts({ tree, dir }: Source, report: Report): Promise<void> {
  const verdicts = new Map<string, string | null>();
  for (const { path, tree: text } of prompts.flatMap((pattern) => select(root(tree), pattern))) {
    if (typeof text !== 'string' || text.trim() === '') continue;
    const file = resolve(dir, text);
    const wrong = verdicts.has(file) ? verdicts.get(file) : await wrongWith(file);
    verdicts.set(file, wrong ?? null);
    if (wrong != null) report.error(path, `${text} ${wrong}`, hintFor(wrong));
    else if (/['$\\\p{Cc}\u2028\u2029]/u.test(file))
      report.error(
        path,
        `the path ${JSON.stringify(file)} holds a quote, a $, a backslash or a line break`,
        'rename the file or its folder: a media server cannot be given such a path',
      );
  }
}

const missing = 'does not exist';
const hintFor = (wrong: string): string =>
  wrong === missing
    ? 'paths start from the folder of the file that names them'
    : 'a WAV file of 8 kHz, mono, 16-bit PCM or G.711: sox in.wav -r 8000 -c 1 -b 16 out.wav';

async function wrongWith(file: string): Promise<string | null> {
  try {
    const handle = await open(file, 'r');
    try {
      if (!(await handle.stat()).isFile()) return 'is not a file';
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
      return describeWave(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? missing : `cannot be read (${code})`;
  }
}
