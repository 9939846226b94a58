/** `tollbridge statements`: what a publisher was owed, or a buyer owed, for a month, frozen. */
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DateTime } from 'luxon';
import type { Config } from '../config/config.ts';
import type { Closed, StatementToClose } from '../records/statements/close-statement.ts';
import type { StatementView } from '../records/statements/list-statements.ts';
import { parseMonth, type Month } from '../records/statements/month.ts';
import { exit, loadedConfig, printJson, printTable, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { statementFormats, writtenStatement, type StatementFormat } from './statement-formats.ts';
import { withRecords } from './with-records.ts';

interface Party {
  readonly publisher?: string;
  readonly buyer?: string;
}

export function statementsCommand(): Command {
  return new Command('statements')
    .description('what publishers were owed and buyers owed for a month, frozen')
    .addCommand(closeCommand())
    .addCommand(listCommand())
    .addCommand(showCommand());
}

const closeCommand = (): Command =>
  reading(new Command('close'))
    .description('freeze what a publisher is owed, or a buyer owes, up to the end of a month')
    .option('--publisher <id>', 'what this publisher is owed')
    .option('--buyer <id>', 'what this buyer owes')
    .requiredOption('--month <month>', 'such as 2026-11, on the network’s clock; it must have ended')
    .option('--by <who>', 'who closes it', userInfo().username)
    .action(async (options: ReadingOptions & Party & { month: string; by: string }, command: Command) => {
      const party = partyOf(options);
      if (party === null)
        return command.error('error: one of --publisher and --buyer is needed', {
          exitCode: exit.wrongUsage,
        });
      const config = await loadedConfig(options);
      if (!config) return;
      const month = monthOf(options.month, config);
      const asked: StatementToClose = {
        ...{ ...party, month, by: options.by, now: new Date(), currency: config.currency },
        isNamed: isNamed(party, config),
      };
      const closed = await withRecords(config, (db) => closeAndList(db, asked));
      if (!closed) return;
      if ('reason' in closed) {
        refuseToClose(closed, asked, config);
        return;
      }
      if (options.json === true) printJson(closed);
      else printStatements(closed);
    });

const listCommand = (): Command =>
  reading(new Command('list'))
    .description('the statements that were closed, newest month first')
    .option('--publisher <id>', 'those of this publisher')
    .option('--buyer <id>', 'those of this buyer')
    .option('--month <month>', 'those of this month')
    .action(async (options: ReadingOptions & Party & { month?: string }, command: Command) => {
      if (options.publisher !== undefined && options.buyer !== undefined)
        return command.error('error: --publisher or --buyer, not both', { exitCode: exit.wrongUsage });
      const config = await loadedConfig(options);
      if (!config) return;
      const query = {
        ...partyOf(options),
        ...(options.month === undefined ? {} : { month: monthOf(options.month, config).name }),
      };
      const { listStatements } = await import('../records/statements/list-statements.ts');
      const statements = await withRecords(config, (db) => listStatements(db, query));
      if (!statements) return;
      if (options.json === true) printJson(statements);
      else if (statements.length === 0) process.stdout.write('no statement was closed\n');
      else printStatements(statements);
    });

const showCommand = (): Command =>
  reading(new Command('show'))
    .description('a statement with all of its lines')
    .argument('<id>', 'as `statements list` names it')
    .addOption(
      new Option('--format <format>', 'html is one page to print').choices(statementFormats).default('table'),
    )
    .option('--out <file>', 'write it there')
    .action(async (id: string, options: ReadingOptions & { format: StatementFormat; out?: string }) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const { showStatement } = await import('../records/statements/show-statement.ts');
      const found = await withRecords(config, async (db) => ({ statement: await showStatement(db, id) }));
      if (!found) return;
      if (found.statement === null) {
        refuse(`there is no statement ${id}`, '`tollbridge statements list` names them');
        return;
      }
      const text = writtenStatement(found.statement, options.json === true ? 'json' : options.format, config);
      if (options.out === undefined) process.stdout.write(text);
      else await writeTo(options.out, text);
    });

async function closeAndList(
  db: Parameters<Parameters<typeof withRecords>[1]>[0],
  asked: StatementToClose,
): Promise<readonly StatementView[] | Exclude<Closed, { ok: true }>> {
  const [{ closeStatement }, { listStatements }] = await Promise.all([
    import('../records/statements/close-statement.ts'),
    import('../records/statements/list-statements.ts'),
  ]);
  const closed = await closeStatement(db, asked);
  if (!closed.ok) return closed;
  const { account, party, month } = asked;
  return listStatements(db, { account, party, month: month.name });
}

function refuseToClose(
  closed: Exclude<Closed, { ok: true }>,
  { party, month }: StatementToClose,
  { timezone }: Config,
): void {
  switch (closed.reason) {
    case 'not_ended': {
      const ends = DateTime.fromJSDate(closed.endsAt, { zone: timezone }).toFormat('yyyy-MM-dd HH:mm');
      refuse(`${month.name} has not ended`, `it can be closed from ${ends} (${timezone}) on`);
      return;
    }
    case 'closed': {
      refuse(`${month.name} of ${party} was closed before`, `tollbridge statements show ${closed.id}`);
      return;
    }
    case 'later_closed': {
      refuse(
        `a later month of ${party} was closed before: ${closed.id}`,
        `what ${month.name} would hold is in there`,
      );
      return;
    }
    case 'earlier_open': {
      const earlier = DateTime.fromJSDate(closed.since, { zone: timezone }).toFormat('yyyy-MM');
      refuse(
        `close ${earlier} first: ${party} has lines of it in no statement`,
        `closed after ${month.name}, ${earlier} could not be closed any more`,
      );
      return;
    }
    case 'unknown_party': {
      refuse(`neither the config nor the ledger knows ${party}`);
      return;
    }
  }
}

/** Null where neither or both are given. */
function partyOf({ publisher, buyer }: Party): Pick<StatementToClose, 'account' | 'party'> | null {
  if ((publisher === undefined) === (buyer === undefined)) return null;
  return publisher === undefined
    ? { account: 'receivable', party: buyer ?? '' }
    : { account: 'payable', party: publisher };
}

function isNamed(
  { account, party }: Pick<StatementToClose, 'account' | 'party'>,
  { network }: Config,
): boolean {
  return account === 'receivable' ? network.buyers.has(party) : network.publishers.has(party);
}

function monthOf(text: string, { timezone }: Config): Month {
  const month = parseMonth(text, timezone);
  if (month === null) throw new InvalidArgumentError(`"${text}" is no month: such as 2026-11`);
  return month;
}

async function writeTo(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    refuse(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function printStatements(statements: readonly StatementView[]): void {
  printTable(
    ['statement', 'month', 'publisher', 'buyer', 'total', 'currency', 'closed', 'by'],
    statements.map((one) => [
      ...[one.id, one.month, one.publisher, one.buyer, one.total, one.currency, one.closed_at, one.closed_by],
    ]),
  );
}
