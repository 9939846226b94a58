/** `tollbridge payouts`: who owes whom, from the ledger. */
import { Command, InvalidArgumentError } from 'commander';
import type { CurrencyPayouts } from '../records/list-payouts.ts';
import { configOption, dataOption, jsonOption, loadedConfig, printJson, printTable } from './context.ts';
import { parseTime, withRecords } from './with-records.ts';

interface PayoutsOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly from?: string;
  readonly to?: string;
}

export function payoutsCommand(): Command {
  return new Command('payouts')
    .description('what each publisher is owed, what each buyer owes, and what remains')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--from <time>', 'calls that ended then or later: ISO 8601, on the network’s clock')
    .option('--to <time>', 'calls that ended before')
    .addOption(jsonOption())
    .action(async (options: PayoutsOptions) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const time = (text: string): Date => {
        const parsed = parseTime(text, config.timezone);
        if (parsed.ok) return parsed.value;
        throw new InvalidArgumentError(`${parsed.message}: ${parsed.hint}`);
      };
      const query = {
        ...(options.from === undefined ? {} : { from: time(options.from) }),
        ...(options.to === undefined ? {} : { to: time(options.to) }),
      };
      const { listPayouts } = await import('../records/list-payouts.ts');
      const payouts = await withRecords(config, (db) => listPayouts(db, query));
      if (!payouts) return;
      if (options.json === true) printJson(payouts);
      else if (payouts.currencies.length === 0) process.stdout.write('no call has ended\n');
      else payouts.currencies.forEach(print);
    });
}

function print({ currency, publishers, buyers, revenue, payout, margin }: CurrencyPayouts): void {
  printTable(
    ['publisher', 'calls', 'connected', 'payable', `we owe ${currency}`],
    publishers.map((row) => [row.publisher, row.calls, row.connected, row.payable, row.payout]),
  );
  printTable(
    ['buyer', 'calls', 'billable', `owes us ${currency}`],
    buyers.map((row) => [row.buyer, row.calls, row.billable, row.revenue]),
  );
  process.stdout.write(`revenue ${revenue} = payout ${payout} + margin ${margin} ${currency}\n`);
}
