/** What is said of calls afterwards, from the shell, while no switch runs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDatabase } from '../../src/embedded/database/database.ts';
import { migrate } from '../../src/records/migrate.ts';
import { openRecords, type Records } from '../../src/records/open-records.ts';
import { aCall } from './support/a-call.ts';
import { ledgerStage, type LedgerStage } from './support/ledger-stage.ts';
import { tollbridge as run } from '../unit/cli/support.ts';
import { quiet } from './support/quiet.ts';

let dataDir: string;
let stage: LedgerStage;
let records: Records;
let stop: () => Promise<void>;
const sale = aCall({
  call: 'a0b1c2d3-0001',
  table: 'table-c',
  campaign: 'roofing',
  buyer: 'brightside',
  talk: 20_000,
});
const closed = aCall({ table: 'table-c', buyer: 'helio', startedAt: Date.UTC(2024, 10, 5, 12) });
const wrong = aCall({ table: 'table-c', buyer: 'helio' });
const half = aCall({ table: 'table-c', buyer: 'helio', startedAt: Date.now() - 3_600_000 });

beforeAll(async () => {
  // The commands are to find the records in the data directory.
  vi.stubEnv('DATABASE_URL', undefined);
  dataDir = await mkdtemp(join(tmpdir(), 'tollbridge-after-'));
  const database = await startDatabase({ dataDir, log: quiet });
  stop = () => database.stop();
  records = openRecords({ url: database.url, log: quiet });
  await migrate(records.db);
  stage = await ledgerStage(records.db);
  await stage.load(sale, wrong, half);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await records.close();
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly json: Record<string, unknown>;
}

const config = fileURLToPath(new URL('../../config/tollbridge.yaml', import.meta.url));

/** In this process: one at a time. */
async function tollbridge(...args: string[]): Promise<Answer> {
  const { code, stdout: out, stderr: err } = await run(...args, '--config', config, '--data', dataDir);
  return { code, out, err, json: out.startsWith('{') ? (JSON.parse(out) as Answer['json']) : {} };
}

describe('tollbridge conversions report', () => {
  const report = (...more: string[]) =>
    tollbridge('conversions', 'report', '--call', sale.call, '--key', 'order-1', '--name', 'sale', ...more);

  it('records, once, and says what the call is worth now', async () => {
    const first = await report('--amount', '120.00', '--json', '--at', '2026-03-05T10:00');
    expect(first).toMatchObject({
      ...{ code: 0, err: '' },
      json: {
        ...{ ok: true, result: 'recorded', call: sale.call, key: 'order-1', revision: 1 },
        ...{ revenue: '60.00', payout: '36.00', margin: '24.00', currency: 'USD' },
      },
    });
    const [stored] = await stage.db.selectFrom('conversions').selectAll().execute();
    // On the network's clock.
    expect(stored).toMatchObject({
      reported_by: userInfo().username,
      happened_at: new Date('2026-03-05T15:00:00Z'),
    });
    const again = await report('--amount', '120.00');
    expect(again).toMatchObject({
      ...{ code: 0, err: '' },
      out: `unchanged: call ${sale.call} is worth 60.00 = payout 36.00 + margin 24.00 USD\n`,
    });
  });

  it('takes the beginning of an id where it names one call, and says so where it names more', async () => {
    const by = (call: string) =>
      tollbridge('conversions', 'report', '--call', call, '--key', 'order-1', '--name', 'sale', '--json');
    const short = await tollbridge(
      ...['conversions', 'report', '--call', 'a0b1c2d3', '--key', 'order-1'],
      ...['--name', 'sale', '--amount', '120.00', '--json'],
    );
    expect(short).toMatchObject({ code: 0, json: { result: 'unchanged', call: sale.call } });
    await stage.load(
      aCall({ call: 'twice-told-1', table: 'table-c' }),
      aCall({ call: 'twice-told-2', table: 'table-c' }),
    );
    expect(await by('twice-told')).toMatchObject({ code: 1, json: { reason: 'ambiguous_call' } });
    expect(await by('no-such-call')).toMatchObject({ code: 1, json: { reason: 'unknown_call' } });
    // Too little to be sure that it is meant.
    expect(await by('twice-t')).toMatchObject({ code: 1, json: { reason: 'unknown_call' } });
    const disputed = ['disputes', 'open', '--call', 'twice-told', '--reason', 'a wrong number'];
    expect(await tollbridge(...disputed)).toMatchObject({ code: 1, out: '' });
    expect((await tollbridge('disputes', 'list', '--call', 'twice-told')).err).toContain(
      'say more of its id',
    );
    const adjusted = [
      'payouts',
      'adjust',
      '--publisher',
      'clickwise',
      '--amount',
      '1.00',
      '--why',
      'a bonus',
    ];
    expect((await tollbridge(...adjusted, '--call', 'twice-told')).err).toContain('say more of its id');
  });

  it('exits with 1 where it is refused, with 2 where it is used wrongly', async () => {
    const negative = await report('--amount=-1.00', '--json');
    const wordless = await tollbridge('conversions', 'report', '--call', sale.call);
    const timeless = await report('--at', 'yesterday');
    expect(negative).toMatchObject({ code: 1, json: { ok: false, reason: 'bad_amount' } });
    expect(negative.err).toContain('refused: "-1.00" is no amount');
    for (const absurd of ['99999999999', '1e9', '0.0000001', 'much'])
      expect(await report('--amount', absurd, '--json')).toMatchObject({
        ...{ code: 1, json: { ok: false, reason: 'bad_amount' } },
        err: expect.stringContaining(`"${absurd}" is no amount`),
      });
    expect(wordless).toMatchObject({ code: 2, out: '' });
    expect(timeless.code).toBe(2);
    expect(timeless.err).toContain('ISO 8601');
  });
});

describe('tollbridge conversions report, of a call that a closed statement has', () => {
  it('is refused, and changes nothing', async () => {
    await stage.load(closed);
    const month = ['statements', 'close', '--buyer', 'helio', '--month', '2024-11'];
    expect(await tollbridge(...month)).toMatchObject({ code: 0 });
    const before = await stage.lines(closed.call);
    const late = await tollbridge(
      ...['conversions', 'report', '--call', closed.call, '--key', 'late', '--name', 'sale', '--json'],
    );
    expect(late).toMatchObject({ code: 1, json: { ok: false, reason: 'statement_closed' } });
    expect(late.err).toContain('buyer-helio-2024-11-USD');
    expect(await stage.lines(closed.call)).toEqual(before);
  });
});

describe('tollbridge disputes', () => {
  const open = (call: string) =>
    tollbridge('disputes', 'open', '--call', call, '--reason', 'a wrong number', '--by', 'mara', '--json');

  it('opens, lists, accepts in part, refuses to decide twice', async () => {
    const { code, json } = await open(half.call);
    expect({ code, json }).toMatchObject({ code: 0, json: { ok: true, call: half.call, state: 'open' } });
    const dispute = String(json['dispute']);
    expect((await tollbridge('disputes', 'list', '--buyer', 'sunrise')).out).toBe('no disputes\n');
    expect(await open(half.call)).toMatchObject({ code: 1, json: { reason: 'already_open' } });
    expect((await tollbridge('disputes', 'list')).out).toContain('a wrong number');

    const accept = ['disputes', 'accept', dispute, '--why', 'heard it', '--json'];
    expect(await tollbridge(...accept, '--remains', '38.00')).toMatchObject({
      code: 1,
      err: expect.stringContaining('leave --remains out to accept all of it'),
      json: { reason: 'bad_amount' },
    });
    expect(await tollbridge(...accept, '--remains', '19.00')).toMatchObject({
      ...{ code: 0, err: '' },
      json: { ok: true, dispute, state: 'partly', revenue: '19.00', payout: '15.00', margin: '4.00' },
    });
    const twice = await tollbridge('disputes', 'refuse', dispute, '--why', 'no');
    expect(twice).toMatchObject({ code: 1, out: '' });
    expect(twice.err).toContain('was decided before: partly');
    const listed = JSON.parse(
      (await tollbridge('disputes', 'list', '--state', 'partly', '--json')).out,
    ) as object[];
    expect(listed).toMatchObject([{ id: dispute, opened_by: 'mara', remains: '19.00', why: 'heard it' }]);
  });

  it('comes too late for a call of long ago; none is asked for without its why', async () => {
    const late = await open(wrong.call);
    expect(late).toMatchObject({ code: 1, json: { ok: false, reason: 'too_late' } });
    expect((await tollbridge('disputes', 'accept', 'some')).code).toBe(2);
    expect((await tollbridge('disputes', 'list', '--state', 'lost')).code).toBe(2);
  });
});

describe('tollbridge payouts adjust', () => {
  it('is made once under its key, for one party', async () => {
    const asked = [
      'payouts',
      'adjust',
      '--publisher',
      'clickwise',
      '--amount',
      '12.50',
      '--why',
      'a bonus',
      '--key',
      'b-1',
    ];
    expect(await tollbridge(...asked, '--json')).toMatchObject({
      ...{ code: 0, err: '' },
      json: { ok: true, result: 'adjusted', key: 'b-1', publisher: 'clickwise', amount: '12.50' },
    });
    expect((await tollbridge(...asked)).out).toBe('unchanged: 12.50 for publisher clickwise, key b-1\n');
    const [line] = await stage.lines(null);
    expect(line).toMatchObject({
      account: 'payable',
      amount: -12_500_000n,
      made_by: userInfo().username,
      why: 'a bonus',
    });
    const both = await tollbridge(...asked, '--buyer', 'sunrise');
    const nobody = await tollbridge('payouts', 'adjust', '--amount', '1.00', '--why', 'a bonus');
    const unknown = await tollbridge(
      'payouts',
      'adjust',
      '--publisher',
      'clickwsie',
      '--amount',
      '1.00',
      '--why',
      'a bonus',
    );
    expect(both.code).toBe(2);
    expect(nobody.code).toBe(2);
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.err).toContain('there is no publisher clickwsie');
    expect(await stage.lines(null)).toHaveLength(2);
  });
});
