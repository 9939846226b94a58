/** `tollbridge payouts`: who owes whom, from the ledger. */
import { Command } from 'commander';
import type { CurrencyPayouts, Parts } from '../records/list-payouts.ts';
import { loadedConfig, printJson, printTable } from './context.ts';
import { adjustCommand } from './payouts-adjust.ts';
import { replayCommand } from './payouts-replay.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { timeOption, withRecords } from './with-records.ts';

interface PayoutsOptions extends ReadingOptions {
  readonly from?: string;
  readonly to?: string;
}

export function payoutsCommand(): Command {
  return (
    reading(new Command('payouts'))
      .description('what each publisher is owed, what each buyer owes, and what remains')
      // What stands behind the name of a subcommand is that one's.
      .enablePositionalOptions()
      .addCommand(replayCommand())
      .addCommand(adjustCommand())
      .option(
        '--from <time>',
        'calls that ended, and postings made, then or later: ISO 8601, on the network’s clock',
      )
      .option('--to <time>', 'those before')
      .action(async (options: PayoutsOptions) => {
        const config = await loadedConfig(options);
        if (!config) return;
        const query = {
          ...(options.from === undefined ? {} : { from: timeOption(options.from, config) }),
          ...(options.to === undefined ? {} : { to: timeOption(options.to, config) }),
          now: new Date(),
        };
        const { listPayouts } = await import('../records/list-payouts.ts');
        const payouts = await withRecords(config, (db) => listPayouts(db, query));
        if (!payouts) return;
        if (options.json === true) printJson(payouts);
        else if (payouts.currencies.length === 0) process.stdout.write('no call has ended\n');
        else payouts.currencies.forEach(print);
      })
  );
}

function print({ currency, publishers, buyers, revenue, payout, margin }: CurrencyPayouts): void {
  const parts = ({ conversions, disputes, adjustments, stated }: Parts) => [
    ...[conversions, disputes, adjustments, stated].map((amount) => (isNothing(amount) ? null : amount)),
  ];
  const named = ['conversions', 'disputes', 'adjustments', 'in statements'];
  printTable(
    ['publisher', 'calls', 'connected', 'payable', `we owe ${currency}`, 'on hold', 'payable now', ...named],
    publishers.map((row) => [
      ...[row.publisher, row.calls, row.connected, row.payable, row.payout, row.held, row.payable_now],
      ...parts(row),
    ]),
  );
  printTable(
    ['buyer', 'calls', 'billable', `owes us ${currency}`, ...named],
    buyers.map((row) => [row.buyer, row.calls, row.billable, row.revenue, ...parts(row)]),
  );
  process.stdout.write(`revenue ${revenue} = payout ${payout} + margin ${margin} ${currency}\n`);
}

const isNothing = (amount: string): boolean => /^[0.]+$/.test(amount);
