/** What must hold after all of it, whatever happened when. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { drachtio, freeswitch } from '../../test/support/engines.ts';
import type { DrilledSwitch } from './drilled-switch.ts';
import type { Heard } from './far-ends.ts';
import { until } from './rounds.ts';

export interface Verdict {
  /** In words; none: proven. */
  readonly faults: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** What a call holds in the switch itself, wherever its engines are. */
export const heldInside = [
  'live_calls',
  'live_legs',
  'live_endpoints',
  'live_leases',
  'live_timers',
  'loader_lag',
  'journal_not_durable',
] as const;

const held = [
  ...heldInside,
  ...(freeswitch === null ? ['rtp_sockets', 'media_channels'] : []),
  ...(drachtio === null ? ['sip_dialogs'] : []),
];

/** Nothing that a call holds is held, and everything is loaded; resolves to what is not so. */
export async function atRest(
  sut: DrilledSwitch,
  withinMs: number,
  names: readonly string[] = held,
): Promise<readonly string[]> {
  let left: readonly string[] = [];
  await until(async () => {
    const metrics = await sut.metrics();
    left = names
      .map((name) => `tollbridge_${name}`)
      .filter((name) => metrics.get(name) !== 0)
      .map((name) => `${name} is ${metrics.get(name) ?? 'missing'} at rest`);
    if ((await sut.live()).length > 0) left = [...left, 'calls live at rest'];
    return left.length === 0;
  }, withinMs);
  return left;
}

export async function prove(given: {
  readonly sut: DrilledSwitch;
  readonly heard: Heard;
  readonly journalled: ReadonlySet<string>;
}): Promise<Verdict> {
  const { sut, heard, journalled } = given;
  const url = (await readFile(join(sut.data, 'database.url'), 'utf8')).trim();
  const client = new pg.Client(url);
  await client.connect();
  try {
    const records = await readRecords(client);
    const faults = [
      ...everyAnsweredCallOnce(records, new Set([...heard.answered, ...journalled])),
      ...(await theLedger(client)),
      ...(await theJournal(sut, client)),
      ...(await settledAsRecorded(sut, records.length)),
      ...sut.defects.map((line) => `told of a defect: ${line.slice(0, 500)}`),
    ];
    const figures = {
      'calls begun by sipp': heard.began.size,
      'of them answered': heard.answered.size,
      'of them refused with 503': heard.refused.size,
      'calls of outages put into the journal': journalled.size,
      'calls on record': records.length,
      'of them lost by a killed switch, and ended at the next start': records.filter(
        ({ cause }) => cause === 'switch_lost',
      ).length,
      'of them connected': records.filter(({ outcome }) => outcome === 'connected').length,
      'micro-units of revenue': records.reduce((sum, { revenue }) => sum + Number(revenue), 0),
    };
    return { faults, figures };
  } finally {
    await client.end();
  }
}

interface CallOnRecord {
  readonly id: string;
  readonly sip_call_id: string | null;
  readonly answered: boolean;
  readonly cause: string;
  readonly outcome: string;
  readonly revenue: string;
}

async function readRecords(client: pg.Client): Promise<readonly CallOnRecord[]> {
  const { rows } = await client.query<CallOnRecord>(
    `select id, sip_call_id, answered_at is not null as answered, cause, outcome, revenue::text from calls`,
  );
  return rows;
}

/**
 * A caller who heard nothing of a killed switch says its INVITE again, to the next life: that is another call, and the
 * first one is on record too, as lost. Of a call that was answered there is exactly one.
 */
function everyAnsweredCallOnce(
  records: readonly CallOnRecord[],
  answered: ReadonlySet<string>,
): readonly string[] {
  const byCallId = new Map<string, CallOnRecord[]>();
  for (const record of records) {
    const of = byCallId.get(record.sip_call_id ?? '');
    if (of) of.push(record);
    else byCallId.set(record.sip_call_id ?? '', [record]);
  }
  const faults: string[] = [];
  for (const callId of answered) {
    const made = (byCallId.get(callId) ?? []).filter((record) => record.answered);
    if (made.length !== 1) faults.push(`${callId} was answered, and has ${made.length} records that say so`);
  }
  for (const [callId, made] of byCallId) {
    const real = made.filter(({ cause, answered: isAnswered }) => isAnswered || cause !== 'switch_lost');
    if (callId === '' || real.length > 1)
      faults.push(`${real.length} records of one call ${callId || '(no Call-ID)'}`);
  }
  return faults;
}

/** Each asks for what must not be. */
const ledgerFaults: Readonly<Record<string, string>> = {
  'postings that do not sum to zero': `select 1 from ledger_entries group by call_id, kind, reference having sum(amount) <> 0`,
  'calls settled twice': `select 1 from ledger_entries where kind = 'call' group by call_id, account having count(*) > 1`,
  'entries of no call': `select 1 from ledger_entries e where not exists (select from calls where id = e.call_id)`,
  'calls of which the ledger says otherwise': `
    select 1 from calls left join lateral (
      select coalesce(sum(amount) filter (where account = 'receivable'), 0) as revenue,
             -coalesce(sum(amount) filter (where account = 'payable'), 0) as payout,
             -coalesce(sum(amount) filter (where account = 'margin'), 0) as margin
        from ledger_entries where call_id = calls.id) as entries on true
     where calls.revenue <> entries.revenue or calls.payout <> entries.payout
        or entries.revenue <> entries.payout + entries.margin`,
  'calls recorded twice': `select 1 from calls group by id having count(*) > 1`,
  'attempts of no call': `select 1 from attempts a where not exists (select from calls where id = a.call_id)`,
};

async function theLedger(client: pg.Client): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [name, query] of Object.entries(ledgerFaults)) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from (${query}) as found`);
    const count = Number(rows[0]?.count ?? 0);
    if (count > 0) faults.push(`${count} ${name}`);
  }
  return faults;
}

async function theJournal(sut: DrilledSwitch, client: pg.Client): Promise<readonly string[]> {
  const faults: string[] = [];
  const verified = await sut.command('journal', 'verify');
  if (verified.code !== 0) faults.push(`journal verify: ${verified.stdout}${verified.stderr}`);
  for (const table of ['journal_gaps', 'journal_rejects']) {
    const { rows } = await client.query(`select * from ${table}`);
    if (rows.length > 0) faults.push(`${table}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  return faults;
}

/** Every call, evaluated again from its record, comes to what it was settled at. */
async function settledAsRecorded(sut: DrilledSwitch, calls: number): Promise<readonly string[]> {
  const { code, stdout, stderr } = await sut.command(
    ...['payouts', 'replay', '--from', '2000-01-01', '--to', '2100-01-01', '--json'],
  );
  if (code !== 0) return [`payouts replay: ${stderr}`];
  const replay = JSON.parse(stdout) as { readonly calls: number; readonly changed: readonly unknown[] };
  return [
    ...(replay.calls === calls ? [] : [`${replay.calls} of ${calls} calls could be evaluated again`]),
    ...replay.changed.slice(0, 5).map((change) => `settled otherwise: ${JSON.stringify(change)}`),
  ];
}
