/** `tollbridge calls`: the records of calls, newest first. */
import { Command, InvalidArgumentError } from 'commander';
import { DateTime } from 'luxon';
import { formatSeconds } from '../conditions/duration.ts';
import type { Config } from '../config/config.ts';
import { parseInteger } from '../config/values/scalars.ts';
import type { CallsQuery, CallView } from '../records/list-calls.ts';
import {
  argument,
  configOption,
  dataOption,
  jsonOption,
  loadedConfig,
  printJson,
  printTable,
} from './context.ts';
import { parseTime, withRecords } from './with-records.ts';

interface CallsOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly limit: number;
  readonly since?: string;
  readonly until?: string;
  readonly campaign?: string;
  readonly publisher?: string;
  readonly buyer?: string;
  readonly caller?: string;
  readonly id?: string;
}

export function callsCommand(): Command {
  return new Command('calls')
    .description('the records of calls, newest first: who called, who took it, what it was worth and why')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--limit <number>', 'at most so many', argument(parseInteger(1, 100_000)), 50)
    .option('--since <time>', 'calls that began then or later: ISO 8601, on the network’s clock')
    .option('--until <time>', 'calls that began before')
    .option('--campaign <id>', 'calls of this campaign')
    .option('--publisher <id>', 'calls of this publisher')
    .option('--buyer <id>', 'calls that were connected to this buyer')
    .option('--caller <number>', 'calls from this number')
    .option('--id <call>', 'one call')
    .addOption(jsonOption())
    .action(async (options: CallsOptions) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const query = queryOf(options, config);
      const { listCalls } = await import('../records/list-calls.ts');
      const calls = await withRecords(config, (db) => listCalls(db, query));
      if (!calls) return;
      if (options.json === true) printJson(calls);
      else print(calls, config);
    });
}

function queryOf(options: CallsOptions, config: Config): CallsQuery {
  const { limit, since, until, campaign, publisher, buyer, caller, id } = options;
  return {
    limit,
    ...(since === undefined ? {} : { since: timeOf(since, config) }),
    ...(until === undefined ? {} : { until: timeOf(until, config) }),
    ...(campaign === undefined ? {} : { campaign }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(buyer === undefined ? {} : { buyer }),
    ...(caller === undefined ? {} : { from: caller }),
    ...(id === undefined ? {} : { id }),
  };
}

function timeOf(text: string, { timezone }: Config): Date {
  const time = parseTime(text, timezone);
  if (time.ok) return time.value;
  throw new InvalidArgumentError(`${time.message}: ${time.hint}`);
}

function print(calls: readonly CallView[], { timezone }: Config): void {
  printTable(
    ['began', 'from', 'to', 'campaign', 'publisher', 'outcome', 'buyer', 'talk', 'revenue', 'payout', 'why'],
    calls.map((call) => [
      DateTime.fromISO(call.started_at, { zone: timezone }).toFormat('yyyy-MM-dd HH:mm:ss'),
      call.from ?? 'withheld',
      call.to,
      call.campaign,
      call.source === null ? call.publisher : `${call.publisher}/${call.source}`,
      call.outcome === call.cause ? call.outcome : `${call.outcome}: ${call.cause}`,
      call.buyer,
      call.connected_at === null ? null : formatSeconds(call.connected_ms),
      call.revenue,
      call.payout,
      call.payout_reason,
    ]),
  );
}
