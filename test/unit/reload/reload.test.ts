import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { inWords } from '../../../src/cli/reload.ts';
import { settleable } from '../../../src/deadline.ts';
import type { Loaded, Standing } from '../../../src/reload/parcels.ts';
import { watchAndReload, type ReloadCause, type Reloaded } from '../../../src/reload/reload.ts';
import type { Network } from '../../../src/routing/network.ts';

const network: Network = {
  country: 'US',
  timezone: 'America/New_York',
  trunks: new Map(),
  buyers: new Map(),
  campaigns: new Map(),
  publishers: new Map(),
  numbers: new Map(),
};

let file: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reload-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  file = join(folder, 'a.yaml');
  await writeFile(file, 'one');
});

const config = (hash: string): Standing => ({
  file,
  files: [file],
  folders: [],
  hash,
  name: 'Test',
  country: 'US',
  timezone: 'America/New_York',
  currency: 'USD',
  engine: { sip: { kind: 'embedded', listen: [] }, media: { kind: 'embedded' } },
  data: '/data',
  database: 'embedded',
  http: { host: '127.0.0.1', port: 8080, token: null, rate: { token: 1200, address: 3000 } },
  tokens: new Map(),
  webhooks: [],
  log: { level: 'info', numbers: 'masked' },
  trace: { calls: 1000 },
  limits: { maxCalls: 1, cps: null, stall: null, maxCall: 1, drain: 1, rtpTimeout: 1 },
  records: { keep: null },
  carriers: [],
  pools: new Map(),
  network,
});
const loads = (hash: string): Loaded => ({
  ok: true,
  config: config(hash),
  terms: { currency: 'USD', minorDigits: 2, parts: [] },
  lookBack: { counts: 0, performance: 0, callers: 0 },
  problems: [],
});

/** A reload whose loads are answered by the test. */
async function stage(install: (hash: string) => string | null = () => null) {
  let standing = config('first');
  const told: { cause: ReloadCause; result: Reloaded }[] = [];
  const pending: ((loaded: Loaded | Error) => void)[] = [];
  let asked = settleable<null>();
  const reload = await watchAndReload({
    data: undefined,
    poll: 60_000,
    running: () => standing,
    install: ({ config: next }) => {
      const whyNot = install(next.hash);
      if (whyNot === null) standing = next;
      return Promise.resolve(whyNot);
    },
    onReloaded: (cause, result) => told.push({ cause, result }),
    load: () =>
      new Promise((resolve, reject) => {
        pending.push((loaded) => (loaded instanceof Error ? reject(loaded) : resolve(loaded)));
        asked.settle(null);
        asked = settleable<null>();
      }),
  });
  onTestFinished(() => reload.stop());
  return {
    reload,
    told,
    standing: () => standing.hash,
    /** Answers the load under way, or the next one. */
    answer: async (loaded: Loaded | Error) => {
      if (pending.length === 0) await asked.promise;
      pending.shift()?.(loaded);
    },
  };
}

test('what loads and can be installed stands', async () => {
  const { reload, answer, standing, told } = await stage();
  const result = reload.reload('request');
  await answer(loads('second'));
  expect(await result).toEqual({
    ok: true,
    config: file,
    table: 'second',
    changed: true,
    settings: [],
    since: expect.any(String),
    restart: [],
    problems: [],
  });
  expect(standing()).toBe('second');
  expect(told).toEqual([{ cause: 'request', result: await result }]);
});

test('the same table again is no change', async () => {
  const { reload, answer } = await stage();
  const result = reload.reload('signal');
  await answer(loads('first'));
  expect(await result).toMatchObject({ ok: true, changed: false });
});

test('the same table under other limits is a change, and stands since then', async () => {
  const { reload, answer } = await stage();
  const loaded = loads('first') as Extract<Loaded, { ok: true }>;
  const limits = { ...loaded.config.limits, maxCalls: 2 };
  const other = { ...loaded, config: { ...loaded.config, limits } };
  const answered = async () => {
    const result = reload.reload('request');
    await answer(other);
    const done = await result;
    if (!done.ok) throw new Error('was refused');
    return done;
  };
  const first = await answered();
  expect(first).toMatchObject({ table: 'first', changed: true, settings: ['limits'] });
  const again = await answered();
  expect(again).toMatchObject({ changed: false, settings: [], since: first.since });

  const asked = Date.parse(first.since);
  expect(inWords(first, asked)).toBe('routes by table first; new settings in force: limits');
  expect(inWords(again, asked + 4_200)).toBe(
    'routes by table first; the config was taken over 4 s ago, nothing has changed since',
  );
  expect(inWords(again, asked + 60_000)).toBe('still routes by table first: nothing has changed');
});

test.each<[string, () => Loaded | Error, (hash: string) => string | null, string]>([
  [
    'a config with errors',
    () => ({
      ok: false,
      problems: [
        { severity: 'error', file: '', path: 'buyers', line: 1, column: 1, message: 'wrong', hint: '' },
      ],
      files: [file],
      folders: [],
    }),
    () => null,
    'wrong',
  ],
  ['a loader that dies', () => new Error('out of memory'), () => null, 'could not be loaded: out of memory'],
  [
    'a switch that cannot take it',
    () => loads('second'),
    () => 'the journal cannot be written',
    'the journal cannot be written',
  ],
])('%s changes nothing and says why', async (_, loaded, install, message) => {
  const { reload, answer, standing, told } = await stage(install);
  const result = reload.reload('file');
  await answer(loaded());
  expect(await result).toMatchObject({ ok: false, problems: [{ severity: 'error', message }] });
  expect(standing()).toBe('first');
  expect(told).toHaveLength(1);
});

test('who asks while one is under way gets the next one, all of them the same', async () => {
  const { reload, answer, told } = await stage();
  const first = reload.reload('file');
  const later = [reload.reload('signal'), reload.reload('request')];
  await answer(loads('second'));
  expect(await first).toMatchObject({ table: 'second' });
  await answer(loads('third'));
  expect(await Promise.all(later)).toMatchObject([{ table: 'third' }, { table: 'third' }]);
  expect(told).toHaveLength(2);
});

test('a changed file is taken over by itself; what changes during the load is loaded again', async () => {
  const { answer, standing, told, reload } = await stage();
  await writeFile(file, 'a second text');
  await answer(loads('second'));
  await expect.poll(standing).toBe('second');
  expect(told).toMatchObject([{ cause: 'file' }]);
  const asked = reload.reload('request');
  await writeFile(file, 'a third text, while the second is being read');
  await answer(loads('second'));
  await asked;
  await answer(loads('third'));
  await expect.poll(standing).toBe('third');
});

/** A config of one file and all that lie in a folder beside it; what it is called by are their names. */
async function folderOfIncludes(arriving: readonly string[], { poll = 60_000 } = {}) {
  const folder = join(dirname(file), 'buyers');
  await mkdir(folder);
  const left = [...arriving];
  let standing: Standing = { ...config('main.yaml'), files: [file], folders: [folder] };
  const loadsDone: string[] = [];
  const reload = await watchAndReload({
    data: undefined,
    poll,
    running: () => standing,
    install: ({ config: next }) => {
      standing = next;
      return Promise.resolve(null);
    },
    onReloaded: () => undefined,
    load: async () => {
      const names = (await readdir(folder)).sort();
      const files = [file, ...names.map((name) => join(folder, name))];
      const hash = names.join(' ');
      loadsDone.push(hash);
      // Its folder was read, it is not known yet: this one comes in between.
      const next = left.shift();
      if (next !== undefined) await writeFile(join(folder, next), '');
      return {
        ...(loads(hash) as Extract<Loaded, { ok: true }>),
        config: { ...config(hash), files, folders: [folder] },
      };
    },
  });
  onTestFinished(() => reload.stop());
  return { reload, folder, loadsDone, standing: () => standing.hash };
}

test('a file that comes while its folder is being read is taken over by the same reload', async () => {
  const { reload, folder, standing, loadsDone } = await folderOfIncludes(['b.yaml']);
  await writeFile(join(folder, 'a.yaml'), '');
  await reload.reload('request');
  expect(standing()).toBe('a.yaml b.yaml');
  expect(loadsDone.slice(0, 2)).toEqual(['a.yaml', 'a.yaml b.yaml']);
});

test('files that go on coming while they are read hold no reload up, and are all there in the end', async () => {
  const coming = ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}.yaml`);
  const { reload, folder, standing } = await folderOfIncludes(coming, { poll: 100 });
  await writeFile(join(folder, 'a.yaml'), '');
  await reload.reload('request');
  expect(standing()).not.toContain('g.yaml');
  await expect.poll(standing, { timeout: 20_000 }).toBe(['a.yaml', ...coming].join(' '));
});

test('a file that is written after it was read for the first time is read again', async () => {
  const { reload, folder, standing, loadsDone } = await folderOfIncludes([]);
  await writeFile(join(folder, 'a.yaml'), 'one');
  await reload.reload('request');
  const before = loadsDone.length;
  await writeFile(join(folder, 'a.yaml'), 'another text');
  await expect.poll(() => loadsDone.length).toBeGreaterThan(before);
  expect(standing()).toBe('a.yaml');
});
