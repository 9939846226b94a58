import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { settleable } from '../../../src/deadline.ts';
import { stampOf, type Places } from '../../../src/reload/stamp.ts';
import { watchFiles } from '../../../src/reload/watch.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watch-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

/** Resolves at the next change; `changes` counts them. */
async function watching(places: Places, { poll = 60_000, rest = 20 } = {}) {
  const seen = { changes: 0, next: settleable<null>() };
  const watch = watchFiles({
    poll,
    rest,
    onChange: () => {
      seen.changes++;
      seen.next.settle(null);
      seen.next = settleable<null>();
    },
  });
  watch.follow(places, await stampOf(places));
  onTestFinished(() => watch.stop());
  return seen;
}

const at = (...names: string[]) => join(folder, ...names);

describe('told of', () => {
  test('a file written in place', async () => {
    await writeFile(at('a.yaml'), 'one');
    const seen = await watching({ files: [at('a.yaml')], folders: [] });
    const changed = seen.next.promise;
    await writeFile(at('a.yaml'), 'two');
    await changed;
  });

  test('a file that another is renamed over, again and again', async () => {
    await writeFile(at('a.yaml'), 'one');
    const seen = await watching({ files: [at('a.yaml')], folders: [] });
    for (const text of ['two', 'three', 'four']) {
      const changed = seen.next.promise;
      await writeFile(at('a.yaml~'), text);
      await rename(at('a.yaml~'), at('a.yaml'));
      await changed;
    }
    expect(seen.changes).toBe(3);
  });

  test('a symbolic link above the file that is swapped', async () => {
    for (const version of ['v1', 'v2']) {
      await mkdir(at(version));
      await writeFile(at(version, 'a.yaml'), 'the same');
    }
    await symlink('v1', at('..data'));
    await symlink(join('..data', 'a.yaml'), at('a.yaml'));
    const seen = await watching({ files: [at('a.yaml')], folders: [] });
    const changed = seen.next.promise;
    await symlink('v2', at('..data_tmp'));
    await rename(at('..data_tmp'), at('..data'));
    await changed;
  });

  test('a file that comes to a folder of includes, and one that goes', async () => {
    await mkdir(at('buyers'));
    await writeFile(at('a.yaml'), '');
    const seen = await watching({ files: [at('a.yaml')], folders: [at('buyers')] });
    const came = seen.next.promise;
    await writeFile(at('buyers', 'sunrise.yaml'), '');
    await came;
    const went = seen.next.promise;
    await rm(at('buyers', 'sunrise.yaml'));
    await went;
  });

  test('a change that the file system does not tell of, by looking', async () => {
    await mkdir(at('gone'));
    await writeFile(at('gone', 'a.yaml'), 'one');
    const seen = await watching({ files: [at('gone', 'a.yaml')], folders: [] }, { poll: 50 });
    const changed = seen.next.promise;
    // The watch stays with the folder that was renamed away.
    await rename(at('gone'), at('away'));
    await mkdir(at('gone'));
    await writeFile(at('gone', 'a.yaml'), 'two');
    await changed;
  });
});

test('silent about other files beside it, and about what an editor hides', async () => {
  await writeFile(at('a.yaml'), 'one');
  await mkdir(at('buyers'));
  const places = { files: [at('a.yaml')], folders: [at('buyers')] };
  const before = await stampOf(places);
  await writeFile(at('notes.txt'), 'nothing to do with it');
  await writeFile(at('buyers', '.sunrise.yaml.swp'), '');
  await writeFile(at('buyers', 'sunrise.yaml~'), '');
  expect(await stampOf(places)).toBe(before);
});

test('told once, when the writing is done', async () => {
  await writeFile(at('a.yaml'), 'one');
  const seen = await watching({ files: [at('a.yaml')], folders: [] }, { rest: 400 });
  const changed = seen.next.promise;
  for (let n = 0; n < 20; n++) await writeFile(at('a.yaml'), 'x'.repeat(n));
  await changed;
  expect(seen.changes).toBe(1);
});
