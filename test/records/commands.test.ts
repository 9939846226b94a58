import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDatabase } from '../../src/embedded/database/database.ts';
import type { CallRecord } from '../../src/records/events.ts';
import { openJournal } from '../../src/records/journal/journal.ts';
import { startLoader } from '../../src/records/loader/loader.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords } from '../../src/records/open-records.ts';
import { aCall, ended, writeTable } from './support/a-call.ts';
import { quiet } from './support/quiet.ts';

// Each command compiles the sources that it needs.
vi.setConfig({ testTimeout: 90_000 });

let dataDir: string;
const paid = aCall();
const unpaid = aCall({ startedAt: paid.startedAt + 60_000, talk: 12_345, from: null });
const noBuyer = aCall({ startedAt: paid.startedAt + 120_000, connectedAt: null, buyer: null, source: null });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tollbridge-commands-'));
  await withSwitch((write) => write([paid, unpaid, noBuyer]));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** What a switch has open while it runs. */
async function withSwitch(
  work: (write: (calls: readonly CallRecord[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const database = await startDatabase({ dataDir, log: quiet });
  const records = openRecords({ url: database.url, log: quiet });
  await migrate(records.db);
  const journal = await openJournal({ dir: join(dataDir, 'journal'), log: quiet });
  const loader = startLoader({ journal, db: records.db, log: quiet });
  writeTable(journal);
  await work(async (calls) => {
    for (const call of calls) journal.append(ended(call));
    await loader.caughtUp();
  });
  await loader.stop();
  await journal.close();
  await records.close();
  await database.stop();
}

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The sources of the command line, run as they stand. */
function tollbridge(...args: readonly string[]): Promise<Answer> {
  const { DATABASE_URL: _, ...env } = process.env;
  return new Promise((resolve) => {
    const command = [
      path('../../src/cli/main.ts'),
      ...args,
      '--config',
      path('../../config/tollbridge.yaml'),
    ];
    execFile(
      process.execPath,
      ['--import', path('support/typescript-hook.mjs'), ...command],
      { env: { ...env, TOLLBRIDGE_DATA: dataDir } },
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

describe('tollbridge calls', () => {
  it('prints records newest first, in a form that programs read', async () => {
    const answer = await tollbridge('calls', '--json');
    expect(answer).toMatchObject({ code: 0, err: '' });
    const calls = JSON.parse(answer.out) as readonly Record<string, unknown>[];
    expect(calls.map((call) => call['id'])).toEqual([noBuyer.call, unpaid.call, paid.call]);
    expect(calls[1]).toEqual({
      id: unpaid.call,
      sip_call_id: null,
      started_at: new Date(unpaid.startedAt).toISOString(),
      ringing_at: null,
      acknowledged_at: null,
      bye_at: null,
      post_dial_delay_ms: 1000,
      inbound_ms: 14_345,
      codec: null,
      rtp: [],
      answered_at: new Date(unpaid.answeredAt!).toISOString(),
      connected_at: new Date(unpaid.connectedAt!).toISOString(),
      ended_at: new Date(unpaid.endedAt).toISOString(),
      from: null,
      to: '+18005550100',
      carrier: 'voxlink',
      campaign: 'solar',
      publisher: 'clickwise',
      source: 'google-ads',
      attributes: unpaid.attributes,
      outcome: 'connected',
      cause: 'caller_hangup',
      hung_up_by: 'caller',
      attempts: [
        {
          buyer: 'sunrise',
          trunk: 'sunrise-pbx',
          dial: '+12145550111',
          priority: 1,
          sip_call_id: null,
          codec: null,
          acknowledged_at: null,
          bye_at: null,
          post_dial_delay_ms: 500,
          started_at: new Date(unpaid.startedAt + 1000).toISOString(),
          ringing_at: new Date(unpaid.startedAt + 1500).toISOString(),
          answered_at: new Date(unpaid.connectedAt!).toISOString(),
          ended_at: new Date(unpaid.endedAt).toISOString(),
          result: 'answered',
          status: 200,
          reason: 'OK',
        },
      ],
      buyer: 'sunrise',
      connected_ms: 12_345,
      media: 'anchored',
      recording: null,
      converted: false,
      currency: 'USD',
      revenue: '0.00',
      revenue_reason: 'connected 12.345 s, needs 90 s',
      payout: '0.00',
      payout_reason: 'connected 12.345 s, needs 60 s (rule 2 of 2)',
      margin: '0.00',
      plan: unpaid.plan,
      left_out: unpaid.leftOut,
      table: 'table-1',
    });
  });

  it('prints a table that fits into 120 columns, and one call in full by the beginning of its id', async () => {
    const table = (await tollbridge('calls')).out.trimEnd().split('\n');
    expect(table.some((line) => line.includes('sunrise'))).toBe(true);
    for (const line of table) expect(line.length).toBeLessThanOrEqual(120);

    const { out } = await tollbridge('calls', '--id', unpaid.call);
    for (const said of [
      `call ${unpaid.call}\n  a withheld number called +18005550100 by voxlink on `,
      'campaign solar, publisher clickwise, source google-ads; table table-1',
      '+3.0 s  through to sunrise, media anchored',
      'connected: caller hangup, ended by the caller',
      'talked for 12.345 s',
      '+1.0 s  sunrise on sunrise-pbx: answered (200 OK); rang +1.5 s, answered +3.0 s, ended +15.3 s',
      '1. sunrise at +12145550111 on sunrise-pbx, priority 1',
      'brightside: ivr.homeowner is true, it takes false',
      'revenue 0.00 USD: connected 12.345 s, needs 90 s',
      'payout  0.00 USD: connected 12.345 s, needs 60 s (rule 2 of 2)',
      'caller.state is TX',
    ]) {
      expect(out).toContain(said);
    }
    const nobody = await tollbridge('calls', '--id', 'nobody');
    expect(nobody).toMatchObject({ code: 1, out: '' });
    expect(nobody.err).toContain('there is no call nobody');
    // All three calls of this process begin alike.
    expect((await tollbridge('calls', '--id', 'call-')).out).toContain('│ began');
  });

  it('stops the database that it started', async () => {
    await tollbridge('calls');
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
  });

  it('answers while the switch runs, and leaves it its database', async () => {
    await withSwitch(async (write) => {
      const late = aCall({ startedAt: paid.startedAt + 180_000 });
      await write([late]);
      const answer = await tollbridge('calls', '--limit', '1', '--json');
      expect(JSON.parse(answer.out)).toMatchObject([{ id: late.call, revenue: '45.00' }]);
      expect((await stat(join(dataDir, 'postgres', 'postmaster.pid'))).isFile()).toBe(true);
    });
  });

  it('takes what is asked for, and refuses what is not a time', async () => {
    const since = new Date(noBuyer.startedAt).toISOString();
    const until = new Date(noBuyer.startedAt + 1).toISOString();
    const answer = await tollbridge('calls', '--since', since, '--until', until, '--json');
    expect(JSON.parse(answer.out)).toMatchObject([{ id: noBuyer.call, buyer: null, connected_ms: 0 }]);
    expect((await tollbridge('calls', '--since', 'yesterday')).code).toBe(2);
    expect((await tollbridge('calls', '--limit', 'many')).code).toBe(2);
  });

  it('refuses a folder in which no switch has run, and makes nothing there', async () => {
    const nowhere = join(dataDir, 'nowhere');
    const answer = await tollbridge('calls', '--data', nowhere);
    expect(answer.code).toBe(1);
    expect(answer.err).toContain('there are no records in');
    await expect(stat(nowhere)).rejects.toThrow('ENOENT');
  });
});

it('tollbridge payouts prints who owes whom', async () => {
  const answer = await tollbridge('payouts', '--to', new Date(noBuyer.endedAt).toISOString(), '--json');
  expect(JSON.parse(answer.out)).toMatchObject({
    currencies: [
      {
        currency: 'USD',
        publishers: [{ publisher: 'clickwise', calls: 2, connected: 2, payable: 1, payout: '30.00' }],
        buyers: [{ buyer: 'sunrise', calls: 2, billable: 1, revenue: '45.00' }],
        revenue: '45.00',
        payout: '30.00',
        margin: '15.00',
      },
    ],
  });
  const table = await tollbridge('payouts');
  expect(table.code).toBe(0);
  expect(table.out).toContain('clickwise');
});

it('tollbridge journal replay loads what is in the journal again while no switch runs, and refuses while one does', async () => {
  const answer = await tollbridge('journal', 'replay', '--rejects', '--dry-run', '--json');
  expect(answer).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(answer.out)).toMatchObject({ dry_run: true, loaded: 0, rejects: { tried: 0 } });
  const said = await tollbridge('journal', 'replay');
  expect(said.out).toContain('loaded: 0 calls that the database did not have');
  expect((await tollbridge('journal', 'replay', '--from', 'the start')).code).toBe(2);
  await withSwitch(async () => {
    const refused = await tollbridge('journal', 'replay');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('one switch to a data directory');
    expect(refused.err).toContain('loads what the database lacks by itself');
  });
});

it('tollbridge journal verify exits 0 where it is whole and 1 where it is not', async () => {
  const whole = await tollbridge('journal', 'verify', '--json');
  expect(whole.code).toBe(0);
  expect(JSON.parse(whole.out)).toMatchObject({ whole: true, damage: [], gaps: [] });
  const dir = join(dataDir, 'journal');
  const name = (await readdir(dir)).filter((each) => each.endsWith('.jsonl')).at(-1)!;
  await appendFile(join(dir, name), '{"v":1,"seq":99,"event":{}}\n');
  const broken = await tollbridge('journal', 'verify', '--json');
  expect(broken.code).toBe(1);
  expect(JSON.parse(broken.out)).toMatchObject({ whole: false, damage: [{ reason: 'checksum' }] });
  expect((await tollbridge('journal', 'status')).code).toBe(0);
});
