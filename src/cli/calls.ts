/** `tollbridge calls`: the records of calls, newest first. */
import { Command, InvalidArgumentError } from 'commander';
import { DateTime, Duration } from 'luxon';
import type { Config } from '../config/config.ts';
import { parseInteger } from '../config/values/scalars.ts';
import type { CallView } from '../records/call-view.ts';
import type { CallsQuery } from '../records/list-calls.ts';
import { callInWords } from './call-in-words.ts';
import { argument, loadedConfig, printable, printJson, printTable, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { parseTime, withRecords } from './with-records.ts';

interface CallsOptions extends ReadingOptions {
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
  return reading(new Command('calls'))
    .description('the records of calls, newest first: who called, who took it, what it was worth and why')
    .option('--limit <number>', 'at most so many', argument(parseInteger(1, 100_000)), 50)
    .option('--since <time>', 'calls that began then or later: ISO 8601, on the network’s clock')
    .option('--until <time>', 'calls that began before')
    .option('--campaign <id>', 'calls of this campaign')
    .option('--publisher <id>', 'calls of this publisher')
    .option('--buyer <id>', 'calls that were connected to this buyer')
    .option('--caller <number>', 'calls from this number')
    .option('--id <call>', 'one call, in full; the beginning of its id will do')
    .action(async (options: CallsOptions) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const query = queryOf(options, config);
      const { listCalls } = await import('../records/list-calls.ts');
      const calls = await withRecords(config, (db) => listCalls(db, query));
      if (!calls) return;
      if (options.json === true) printJson(calls);
      else if (options.id === undefined || calls.length > 1) print(calls, config);
      else if (calls[0] === undefined) refuse(`there is no call ${options.id}`);
      else tell(calls[0], config);
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
    ['began', 'from', 'campaign', 'publisher', 'outcome', 'buyer', 'talk', 'revenue', 'payout', 'call'],
    calls.map((call) => [
      DateTime.fromISO(call.started_at, { zone: timezone }).toFormat('MM-dd HH:mm'),
      call.from ?? 'none',
      shortened(call.campaign),
      shortened(call.publisher),
      call.outcome,
      call.buyer === null ? null : shortened(call.buyer),
      call.connected_at === null ? null : Duration.fromMillis(call.connected_ms).toFormat('m:ss'),
      call.revenue,
      call.payout,
      call.id.slice(0, shortId),
    ]),
  );
}

/** The first of the hexadecimal groups of an id: enough to tell calls apart in a table, and to ask by. */
const shortId = 8;
/** So that a line fits into 120 columns. */
const longestName = 10;

const shortened = (name: string): string =>
  name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;

function tell(call: CallView, { timezone, terms }: Config): void {
  const sections = callInWords(call, timezone, terms.minorDigits).map(({ title, lines }) =>
    [title, ...lines.map((line) => `  ${printable(line)}`)].join('\n'),
  );
  process.stdout.write(`${sections.join('\n\n')}\n`);
}
