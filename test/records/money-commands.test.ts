/** What the commands about money print, over the same few calls. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDatabase } from '../../src/embedded/database/database.ts';
import { KnownTerms } from '../../src/records/loader/known-terms.ts';
import { loadBatch } from '../../src/records/loader/load-batch.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords } from '../../src/records/open-records.ts';
import { tollbridge as run } from '../unit/cli/support.ts';
import { aCall, ended, tableEvents } from './support/a-call.ts';
import { post } from './support/postings.ts';
import { quiet } from './support/quiet.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const example = path('../../config/tollbridge.yaml');

let dataDir: string;
const start = Date.UTC(2026, 2, 2, 15);
const paid = aCall({ startedAt: start, source: '=radio, "east"' });
const unpaid = aCall({ startedAt: start + 3_600_000, talk: 62_345 });
const noBuyer = aCall({ startedAt: start + 7_200_000, connectedAt: null, buyer: null, source: null });

let close: () => Promise<void>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tollbridge-money-'));
  vi.stubEnv('TOLLBRIDGE_DATA', dataDir);
  vi.stubEnv('DATABASE_URL', undefined);
  // As a running switch has it: the commands join it.
  const database = await startDatabase({ dataDir, log: quiet });
  const { db, ...records } = openRecords({ url: database.url, log: quiet });
  close = async () => {
    await records.close();
    await database.stop();
  };
  await migrate(db);
  const events = [...tableEvents(), ...[paid, unpaid, noBuyer].map(ended)];
  const entries = events.map((event, at) => ({ seq: at + 1, event }));
  await loadBatch(db, 'journal', entries, new KnownTerms());
  const hand = { call: null, kind: 'adjustment', campaign: null, buyer: 'sunrise', revenue: 0n } as const;
  const at = new Date('2026-03-10T12:00Z');
  await post(db, [
    { ...hand, reference: 'a1', at, publisher: 'clickwise', payout: -2_500_000n, why: '<b>rent</b>' },
  ]);
});
afterAll(async () => {
  await close();
  vi.unstubAllEnvs();
  await rm(dataDir, { recursive: true, force: true });
});

async function tollbridge(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const config = args.includes('--config') ? [] : ['--config', example];
  const { code, stdout, stderr } = await run(...args, ...config);
  return { code, out: stdout, err: stderr };
}

describe('tollbridge payouts', () => {
  it('tells what is owed and what of it was put right, is on hold and stands in statements', async () => {
    const answer = await tollbridge('payouts', '--json');
    expect(answer).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(answer.out)).toMatchObject({
      currencies: [
        {
          ...{ currency: 'USD', revenue: '45.00', payout: '27.50', margin: '17.50' },
          publishers: [
            {
              ...{ publisher: 'clickwise', calls: 3, connected: 2, payable: 1, payout: '27.50' },
              ...{
                held: '0.00',
                payable_now: '27.50',
                adjustments: '-2.50',
                stated: '0.00',
                unstated: '27.50',
              },
            },
          ],
          buyers: [{ buyer: 'sunrise', calls: 2, billable: 1, revenue: '45.00', adjustments: '0.00' }],
        },
      ],
    });
    expect((await tollbridge('payouts')).out).toContain('payable now');
  });

  it('replays the calls under the terms of another config, and changes nothing', async () => {
    const span = ['--from', '2026-03-01', '--to', '2026-04-01'];
    const same = await tollbridge('payouts', 'replay', ...span, '--json');
    expect(same).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(same.out)).toMatchObject({ calls: 3, before: { revenue: '45.00', payout: '30.00' } });

    const other = join(dataDir, 'other.yaml');
    const yaml = await readFile(example, 'utf8');
    const cheaper = yaml
      .replace(
        '{ pays: 45.00, when: { connected: ">= 90s" } }',
        '{ pays: 50.00, when: { connected: ">= 60s" } }',
      )
      .replaceAll('prompts/', `${path('../../config/prompts')}/`);
    expect(cheaper).not.toBe(yaml);
    await writeFile(other, cheaper);
    const replayed = await tollbridge('payouts', 'replay', ...span, '--config', other, '--json');
    expect(replayed).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(replayed.out)).toMatchObject({
      calls: 3,
      before: { revenue: '45.00' },
      after: { revenue: '100.00' },
      buyers: [{ id: 'sunrise', calls: 2, before: '45.00', after: '100.00', difference: '55.00' }],
      changed: [
        { call: paid.call, before: { revenue: '45.00' }, after: { revenue: '50.00' } },
        {
          call: unpaid.call,
          before: { revenue_reason: expect.stringContaining('needs 90 s') },
          after: { revenue: '50.00', revenue_reason: expect.stringContaining('connected at least 60 s') },
        },
      ],
    });
    const table = await tollbridge('payouts', 'replay', ...span, '--config', other);
    expect(table.out).toContain('+55.00');
    const after = JSON.parse((await tollbridge('payouts', '--json')).out);
    expect(after.currencies[0]).toMatchObject({ revenue: '45.00', payout: '27.50' });
  });

  it('is used wrongly without a span to replay, or with one that ends before it begins', async () => {
    expect((await tollbridge('payouts', 'replay', '--from', '2026-03-01')).code).toBe(2);
    const backwards = await tollbridge('payouts', 'replay', '--from', '2026-04-01', '--to', '2026-03-01');
    expect(backwards).toMatchObject({ code: 2, err: expect.stringContaining('--to must be after --from') });
  });
});

describe('tollbridge report', () => {
  it('prints a table with a total', async () => {
    const { code, out, err } = await tollbridge('report', '--by', 'buyer');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /sunrise .* 2 .* 2 .* 1 .* 45\.00 .* 30\.00 .* 15\.00 .* 100\.0 % .* 78\.7 s .* 22\.50/,
    );
    expect(out).toMatch(/total .* 3 .* 2 .* 1 .* 66\.7 %/);
  });

  it('answers programs in JSON and in CSV that a spreadsheet does not run', async () => {
    const json = JSON.parse((await tollbridge('report', '--by', 'day,hour', '--json')).out);
    expect(json).toMatchObject({ by: ['day', 'hour'], timezone: 'America/New_York', totals: [{ calls: 3 }] });
    expect(json.rows[0]).toMatchObject({
      day: '2026-03-02',
      hour: 10,
      calls: 1,
      revenue: '45.00',
      asr: 1,
      acd: 95,
    });
    const { out } = await tollbridge('report', '--by', 'publisher,source', '--csv', '--to', '2026-03-03');
    const [head, ...rows] = out.split('\r\n');
    expect(head).toBe(
      'publisher,source,currency,calls,connected,converted,revenue,payout,margin,asr,acd,revenue_per_call',
    );
    expect(rows[0]).toBe('clickwise,"clickwise/=radio, ""east""",USD,1,1,1,45.00,30.00,15.00,1,95,45.00');
    expect(rows.at(-1)).toBe('');
  });

  it('is refused of what neither the config nor the records know', async () => {
    const nowhere = ['report', '--by', 'hour', '--to', '2001-01-01'];
    expect(await tollbridge(...nowhere, '--campaign', 'nosuch')).toMatchObject({
      ...{ code: 1, out: '' },
      err: expect.stringContaining('there is no campaign nosuch'),
    });
    expect(await tollbridge(...nowhere, '--campaign', 'solar')).toMatchObject({ code: 0, err: '' });
  });

  it('is used wrongly by what there is not', async () => {
    const answer = await tollbridge('report', '--by', 'weather');
    expect(answer).toMatchObject({ code: 2, err: expect.stringContaining('campaign, publisher, source') });
    expect((await tollbridge('report')).code).toBe(2);
    expect((await tollbridge('report', '--by', 'hour', '--from', 'noon')).code).toBe(2);
  });
});

describe('tollbridge statements', () => {
  it('closes a month once, shows it in every form, and counts it in payouts', async () => {
    const close = ['statements', 'close', '--publisher', 'clickwise', '--month'];
    const closed = await tollbridge(...close, '2026-03', '--by', 'ann', '--json');
    expect(closed).toMatchObject({ code: 0, err: '' });
    const id = 'publisher-clickwise-2026-03-USD';
    expect(JSON.parse(closed.out)).toMatchObject([
      { id, publisher: 'clickwise', total: '27.50', closed_by: 'ann' },
    ]);

    expect(await tollbridge(...close, '2026-03')).toMatchObject({
      code: 1,
      err: expect.stringContaining(id),
    });
    expect(await tollbridge(...close, '2026-02')).toMatchObject({
      code: 1,
      err: expect.stringContaining('later'),
    });
    expect(await tollbridge(...close, '2999-01')).toMatchObject({
      code: 1,
      err: expect.stringContaining('from 2999-02-01 00:00 (America/New_York) on'),
    });
    expect(await tollbridge(...close, '2026-13')).toMatchObject({ code: 2 });
    expect(await tollbridge('statements', 'close', '--month', '2026-03')).toMatchObject({ code: 2 });
    expect(await tollbridge('statements', 'close', '--buyer', 'nobody', '--month', '2026-03')).toMatchObject({
      code: 1,
      err: expect.stringContaining('knows nobody'),
    });

    expect(JSON.parse((await tollbridge('statements', 'list', '--json')).out)).toMatchObject([{ id }]);
    const json = JSON.parse((await tollbridge('statements', 'show', id, '--json')).out);
    expect(json).toMatchObject({ id, lines: [{ call: paid.call, amount: '30.00' }, { amount: '-2.50' }] });
    expect((await tollbridge('statements', 'show', id)).out).toContain(
      'clickwise is owed 27.50 USD for 2026-03',
    );

    const csv = (await tollbridge('statements', 'show', id, '--format', 'csv')).out.split('\r\n');
    expect(csv).toHaveLength(4);
    expect(csv[1]).toContain(`,"'=radio, ""east""",95000,30.00,USD,`);

    const file = join(dataDir, 'statement.html');
    expect((await tollbridge('statements', 'show', id, '--format', 'html', '--out', file)).out).toBe('');
    const page = await readFile(file, 'utf8');
    expect(page).toContain('Statement for March 2026');
    expect(page).toContain('&#60;b&#62;rent&#60;/b&#62;');
    expect(page).not.toMatch(/<b>|<script|src=|href=/);
    expect(page).toContain('−2.50');

    const payouts = JSON.parse((await tollbridge('payouts', '--json')).out);
    expect(payouts.currencies[0].publishers[0]).toMatchObject({ stated: '27.50', unstated: '0.00' });
  });

  it('knows no statement that was not closed', async () => {
    const answer = await tollbridge('statements', 'show', 'publisher-clickwise-1999-01-USD');
    expect(answer).toMatchObject({ code: 1, out: '', err: expect.stringContaining('statements list') });
  });
});
