/** `tollbridge publishers`, `numbers`, `campaigns`, and what `check` makes of them, beside what a switch has open. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDatabase } from '../../src/embedded/database/database.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords } from '../../src/records/open-records.ts';
import { tollbridge as run } from '../unit/cli/support.ts';
import { quiet } from './support/quiet.ts';

let folder: string;
let config: string;
let close: () => Promise<void>;

const yaml = (numbers: string) => `
network: { name: Acme, country: US, timezone: America/New_York, currency: USD }
carriers: { voxlink: { from: [ 127.0.0.1 ] } }
pools:
  toll-free: { carrier: voxlink, numbers: [ "+18005550100-0103" ], cool_off: 30d }
trunks: { pbx: { uri: "sip:127.0.0.1:5091" } }
buyers:
  sunrise: { trunk: pbx, dial: "+12145550111", revenue: [ { pays: 45.00 } ] }
campaigns:
  solar: { name: Solar quotes, pool: toll-free, routing: { routes: [ { buyer: sunrise } ] } }
publishers: { clickwise: { name: Clickwise } }
numbers:
${numbers}
`;
const given = '  "+18005550100": { campaign: solar, publisher: clickwise, source: google-ads }';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollbridge-publishing-'));
  vi.stubEnv('TOLLBRIDGE_DATA', folder);
  vi.stubEnv('DATABASE_URL', undefined);
  config = join(folder, 'tollbridge.yaml');
  await writeFile(config, yaml(given));
  expect(await tollbridge('publishers', 'list')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there are no records') as string,
  });
  const database = await startDatabase({ dataDir: folder, log: quiet });
  const { db, ...records } = openRecords({ url: database.url, log: quiet });
  close = async () => {
    await records.close();
    await database.stop();
  };
  await migrate(db);
});
afterAll(async () => {
  await close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function tollbridge(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await run(...args, '--config', config);
  return { code, out: stdout, err: stderr };
}

type Row = Readonly<Record<string, string>>;

async function json(...args: readonly string[]): Promise<{ code: number; answer: unknown }> {
  const { code, out } = await tollbridge(...args, '--json');
  return { code, answer: JSON.parse(out) };
}

async function firstOf(...args: readonly string[]): Promise<Row> {
  const { answer } = await json(...args);
  return (answer as readonly Row[])[0]!;
}

async function applied(publisher: string, ...source: readonly string[]): Promise<string> {
  const { answer } = await json('publishers', 'apply', publisher, '--campaign', 'solar', ...source);
  return (answer as Row)['application']!;
}

describe('tollbridge publishers', () => {
  it('adds, applies and approves: a number at once, until the pool is empty', async () => {
    expect(await json('publishers', 'add', 'adroit', '--name', 'Adroit Media')).toMatchObject({
      code: 0,
      answer: { id: 'adroit', name: 'Adroit Media', state: 'active', given: false },
    });
    expect(await tollbridge('publishers', 'add', 'adroit', '--name', 'Again')).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is a publisher adroit already') as string,
    });
    const application = await applied('adroit', '--source', 'radio');
    expect(await json('publishers', 'approve', application)).toEqual({
      code: 0,
      answer: { application, number: '+18005550101' },
    });
    for (const source of ['tv', 'web'])
      expect(
        await tollbridge('publishers', 'approve', await applied('adroit', '--source', source)),
      ).toMatchObject({ code: 0, err: '' });
    const late = await applied('clickwise');
    expect(await json('publishers', 'approve', late)).toEqual({
      code: 1,
      answer: { ok: false, reason: 'empty_pool', message: 'pool toll-free has no free number' },
    });
    expect(await json('publishers', 'refuse', late, '--why', 'no numbers', '--by', 'mara')).toEqual({
      code: 0,
      answer: { application: late, state: 'refused' },
    });
    expect((await json('publishers', 'applications', '--state', 'refused')).answer).toMatchObject([
      { id: late, decided_by: 'mara', why: 'no numbers' },
    ]);
    expect((await json('publishers', 'show', 'adroit')).answer).toMatchObject({
      id: 'adroit',
      applications: { length: 3 },
      numbers: [{ number: '+18005550101', source: 'radio', state: 'held' }, {}, {}],
    });
    expect((await tollbridge('publishers', 'show', 'adroit')).out).toContain('adroit: Adroit Media, active');
    expect((await tollbridge('publishers', 'list')).out).toContain('Clickwise');
    expect((await tollbridge('publishers', 'show', 'nobody')).code).toBe(1);
  });

  it('pauses, resumes and ends; ends a publisher whole', async () => {
    const { id } = await firstOf('publishers', 'applications', '--publisher', 'adroit');
    const application = id!;
    for (const [step, state] of [
      ['pause', 'paused'],
      ['resume', 'approved'],
      ['end', 'ended'],
    ] as const)
      expect(await json('publishers', step, application)).toEqual({
        code: 0,
        answer: { application, state },
      });
    expect(await json('publishers', 'withdraw', application)).toMatchObject({
      code: 1,
      answer: { reason: 'wrong_state' },
    });
    expect((await tollbridge('publishers', 'end')).code).toBe(2);
    await tollbridge('publishers', 'add', 'brief', '--name', 'Brief');
    await applied('brief');
    expect(await json('publishers', 'end', '--publisher', 'brief')).toEqual({
      code: 0,
      answer: { publisher: 'brief', state: 'ended', released: [] },
    });
    expect(await tollbridge('publishers', 'apply', 'brief', '--campaign', 'solar')).toMatchObject({
      code: 1,
      err: expect.stringContaining('publisher brief has ended') as string,
    });
  });
});

describe('tollbridge numbers', () => {
  it('lists, shows, imports, assigns and releases', async () => {
    const csv = join(folder, 'numbers.csv');
    await writeFile(csv, 'number,pool\n+18335550100,toll-free\nnone,toll-free\n+1833555010,nowhere\n');
    const refused = await tollbridge('numbers', 'import', csv);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${csv}:3: error: "none" is not a telephone number`);
    expect(refused.err).toContain(`${csv}:4: error: `);
    await writeFile(csv, 'number,pool\n+18335550100,toll-free\n');
    expect(await json('numbers', 'import', csv)).toEqual({ code: 0, answer: { imported: 1 } });
    expect((await tollbridge('numbers', 'import', join(folder, 'none.csv'))).code).toBe(1);
    const held = await firstOf('numbers', 'list', '--state', 'held');
    const [application, number] = [held['application']!, held['number']!];
    expect(await json('numbers', 'assign', application, '--area-code', '833', '--visitors')).toMatchObject({
      code: 0,
      answer: { application, number: '+18335550100' },
    });
    expect(await json('numbers', 'assign', application, '+12125550100')).toMatchObject({
      code: 1,
      answer: { reason: 'unknown_number' },
    });
    expect(await json('numbers', 'release', number, '--by', 'mara', '--why', 'complaints')).toMatchObject({
      answer: { number, state: 'resting' },
    });
    expect(await json('numbers', 'show', number)).toMatchObject({
      answer: { history: [{ released_by: 'mara', released_why: 'complaints' }] },
    });
    expect((await tollbridge('numbers', 'show', number)).out).toContain('complaints');
    expect(await json('numbers', 'show', '(800) 555-0101')).toMatchObject({
      code: 0,
      answer: { number, history: [{ publisher: 'adroit', source: 'radio' }] },
    });
    expect((await tollbridge('numbers', 'show', number)).out).toContain('resting, pool toll-free, until');
    expect((await tollbridge('numbers', 'list')).out).toContain('visitors');
    expect((await tollbridge('numbers', 'assign', 'x', '--toll-free', '--state', 'TX')).code).toBe(2);
  });
});

describe('tollbridge campaigns', () => {
  it('tells who works for them and what is left', async () => {
    expect((await json('campaigns', 'list')).answer).toMatchObject([
      { id: 'solar', pool: 'toll-free', publishers: 2, free: 0 },
    ]);
    expect((await json('campaigns', 'show', 'solar')).answer).toMatchObject({ name: 'Solar quotes' });
    expect((await tollbridge('campaigns', 'show', 'nothing')).code).toBe(1);
    expect((await tollbridge('campaigns', 'list')).out).toContain('Solar quotes');
  });
});

describe('tollbridge check', () => {
  it('tells of a number that the records hold for another, with both holders and its line', async () => {
    expect(await json('check')).toMatchObject({ code: 0, answer: { ok: true } });
    const held = await firstOf('numbers', 'list', '--state', 'held');
    const [number, source, application] = [held['number']!, held['source']!, held['application']!];
    const clashing = join(folder, 'clashing.yaml');
    const text = yaml(`${given}\n  "+18005550102-0103": { campaign: solar, publisher: clickwise }`);
    await writeFile(clashing, text);
    const { code, answer } = await json('check', clashing);
    expect(code).toBe(1);
    const { ok, problems } = answer as { ok: boolean; problems: readonly object[] };
    expect(ok).toBe(false);
    expect(problems[0]).toMatchObject({
      severity: 'error',
      path: 'numbers.+18005550102-0103',
      line: text.split('\n').findIndex((line) => line.includes('0102-0103')) + 1,
      message: `${number} is given to clickwise for solar, and held by adroit for solar as ${source} (application ${application})`,
      hint: expect.stringContaining(`numbers release ${number}`) as string,
    });
    vi.stubEnv('TOLLBRIDGE_DATA', join(folder, 'elsewhere'));
    expect(await json('check', clashing)).toMatchObject({ code: 0 });
    vi.stubEnv('TOLLBRIDGE_DATA', folder);
    vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:1/none');
    expect(await json('check', clashing)).toMatchObject({ code: 0 });
    vi.stubEnv('DATABASE_URL', undefined);
  });
});

describe('tollbridge visitors', () => {
  it('makes keys for the pages of an application, lists them, revokes them once', async () => {
    expect(await tollbridge('visitors', 'list')).toMatchObject({ code: 0, out: 'no page has a key\n' });
    const application = await applied('clickwise', '--source', 'visitors');
    const csv = join(folder, 'visitors.csv');
    await writeFile(csv, 'number,pool\n+18005550177,toll-free\n');
    await tollbridge('numbers', 'import', csv);
    await tollbridge('publishers', 'approve', application);
    const origin = 'https://offers.example';
    const made = await json('visitors', 'add', application, '--origin', origin, '--lend', '10m');
    expect(made).toMatchObject({ code: 0, answer: { application, origins: [origin], lend_ms: 600_000 } });
    const { key } = made.answer as { key: string };
    const second = await tollbridge(
      'visitors',
      'add',
      application,
      '--origin',
      origin,
      '--origin',
      'https://b.example',
    );
    expect(second.out).toMatch(
      /^(page_\S+)\n<script src="https:\/\/SWITCH\/v1\/numbers.js" data-key="\1" async><\/script>\n$/,
    );
    const { out: list } = await tollbridge('visitors', 'list');
    expect(list).toContain(key);
    expect(list).toContain(`${origin} https://b.example`);

    expect(await json('visitors', 'revoke', key)).toEqual({ code: 0, answer: { key } });
    expect(await json('visitors', 'list')).toMatchObject({
      answer: [{ revoked_at: null }, { key, revoked_at: expect.any(String) as string }],
    });
    expect(await json('visitors', 'revoke', key)).toMatchObject({ code: 1, answer: { ok: false } });
    for (const refused of [
      ['add', 'none', '--origin', origin],
      ['add', application, '--origin', 'offers.example/path'],
      ['revoke', 'page_none'],
    ])
      expect(await json('visitors', ...refused)).toMatchObject({ code: 1, answer: { ok: false } });
    expect((await tollbridge('visitors', 'add', application)).code).toBe(2);
    expect(
      (await tollbridge('visitors', 'add', application, '--origin', origin, '--lend', 'soon')).code,
    ).toBe(2);
  });
});
