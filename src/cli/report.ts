/** `tollbridge report`: calls and money over a time, cut by whom they came from, where they went and when. */
import { Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { bad, good, type Parsed } from '../config/values/parsed.ts';
import type { Figures } from '../records/reports/figures.ts';
import { csv, type Cell } from '../records/csv.ts';
import { reportKeys, type ReportKey } from '../records/reports/keys.ts';
import { reportView } from '../records/reports/report-view.ts';
import type { Recorded, Report, ReportQuery } from '../records/reports/report.ts';
import { argument, loadedConfig, printJson, printTable, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { timeOption, withRecords } from './with-records.ts';

type Filter = 'campaign' | 'publisher' | 'source' | 'buyer' | 'state';

interface ReportOptions extends Partial<Record<Filter, string>>, ReadingOptions {
  readonly csv?: boolean;
  readonly by: readonly ReportKey[];
  readonly from?: string;
  readonly to?: string;
}

export function reportCommand(): Command {
  return reading(new Command('report'))
    .description('calls and money over a time, by whom they came from, where they went and when')
    .requiredOption(
      '--by <keys>',
      `one or more of ${reportKeys.join(', ')}: --by buyer,hour`,
      argument(parseKeys),
    )
    .option('--from <time>', 'calls that began then or later: ISO 8601, on the network’s clock')
    .option('--to <time>', 'calls that began before')
    .option('--campaign <id>', 'calls of this campaign')
    .option('--publisher <id>', 'calls of this publisher')
    .option('--source <id>', 'calls of this source')
    .option('--buyer <id>', 'calls that were connected to this buyer')
    .option('--state <state>', 'calls from this state')
    .addOption(new Option('--csv', 'answer as comma-separated values, without a total').conflicts('json'))
    .action(async (options: ReportOptions) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const query = queryOf(options, config);
      const { report, isRecorded } = await import('../records/reports/report.ts');
      const found = await withRecords(config, async (db) => {
        const answer = await report(db, query);
        if (answer.rows.length > 0) return answer;
        for (const party of unnamed(query, config))
          if (!(await isRecorded(db, party))) return { unknown: party };
        return answer;
      });
      if (!found) return;
      if ('unknown' in found) {
        refuse(
          `there is no ${found.unknown.kind} ${found.unknown.id}`,
          'neither the config nor the records know it',
        );
        return;
      }
      if (options.json === true) printJson(reportView(found, query));
      else if (options.csv === true) process.stdout.write(asCsv(found, query));
      else if (found.rows.length === 0) process.stdout.write('no call began in that time\n');
      else print(found, query);
    });
}

function parseKeys(text: string): Parsed<readonly ReportKey[]> {
  const hint = `one or more of ${reportKeys.join(', ')}`;
  const keys: ReportKey[] = [];
  for (const word of text.split(',')) {
    const key = reportKeys.find((known) => known === word.trim());
    if (key === undefined) return bad(`"${word}" is nothing to report by`, hint);
    if (keys.includes(key)) return bad(`"${key}" comes twice`, hint);
    keys.push(key);
  }
  return good(keys);
}

function queryOf({ by, from, to, ...options }: ReportOptions, config: Config): ReportQuery {
  const { campaign, publisher, source, buyer, state } = options;
  return {
    by,
    timezone: config.timezone,
    ...(from === undefined ? {} : { from: timeOption(from, config) }),
    ...(to === undefined ? {} : { to: timeOption(to, config) }),
    ...(campaign === undefined ? {} : { campaign }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(source === undefined ? {} : { source }),
    ...(buyer === undefined ? {} : { buyer }),
    ...(state === undefined ? {} : { state }),
  };
}

/** What is asked for and the config does not name; it may have named it once. */
function unnamed({ campaign, publisher, buyer }: ReportQuery, { network }: Config): readonly Recorded[] {
  const asked = [
    { kind: 'campaign', id: campaign, named: network.campaigns },
    { kind: 'publisher', id: publisher, named: network.publishers },
    { kind: 'buyer', id: buyer, named: network.buyers },
  ] as const;
  return asked.flatMap(({ kind, id, named }) => (id === undefined || named.has(id) ? [] : [{ kind, id }]));
}

const columns = [
  ...(['currency', 'calls', 'connected', 'converted', 'revenue', 'payout', 'margin', 'asr', 'acd'] as const),
  'revenue_per_call',
] as const satisfies readonly (keyof Figures)[];

const asCsv = ({ rows }: Report, { by }: ReportQuery): string =>
  csv(
    [...by, ...columns],
    rows.map((row): readonly Cell[] => [...row.keys, ...columns.map((column) => row[column])]),
  );

function print({ rows, totals }: Report, { by }: ReportQuery): void {
  const figures = (of: Figures) => [
    ...[of.calls, of.connected, of.converted, of.revenue, of.payout, of.margin, of.currency],
    of.asr === null ? null : `${(of.asr * 100).toFixed(1)} %`,
    of.acd === null ? null : `${of.acd.toFixed(1)} s`,
    of.revenue_per_call,
  ];
  printTable(
    [
      ...[...by, 'calls', 'connected', 'converted', 'revenue', 'payout', 'margin', ''],
      ...['ASR', 'ACD', 'revenue a call'],
    ],
    [
      ...rows.map((row) => [...row.keys, ...figures(row)]),
      ...totals.map((total) => [...by.map((_, at) => (at === 0 ? 'total' : '')), ...figures(total)]),
    ],
  );
}
