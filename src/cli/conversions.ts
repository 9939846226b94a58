/** `tollbridge conversions`: what buyers report after their calls, where it does not come over HTTP. */
import { Command } from 'commander';
import { worthView } from '../records/ledger/worth.ts';
import { afterwards } from './afterwards.ts';
import { answered } from './answered.ts';
import { changing, type ChangingOptions } from './reading.ts';
import { timeOption } from './with-records.ts';

interface ReportOptions extends ChangingOptions {
  readonly call: string;
  readonly key: string;
  readonly name: string;
  readonly amount?: string;
  readonly at?: string;
}

export function conversionsCommand(): Command {
  return new Command('conversions')
    .description('what buyers report after their calls')
    .addCommand(
      changing(new Command('report'))
        .description('a conversion; the same again changes nothing, another under its key revises it')
        .requiredOption('--call <id>', 'the call; the beginning of its id will do')
        .requiredOption('--key <key>', 'the reporter’s own name for it')
        .requiredOption('--name <name>', 'what was reported: rules ask for reported.NAME')
        .option('--amount <amount>', 'decimal text, in the currency of the call')
        .option('--at <time>', 'when it happened: ISO 8601, on the network’s clock; now if not said')
        .action(report),
    );
}

async function report(options: ReportOptions): Promise<void> {
  const { key, name, amount = null, at, by } = options;
  const reported = await afterwards(options, (config) => {
    const happenedAt = at === undefined ? null : timeOption(at, config);
    return async (after, named) => {
      const call = await named(options.call);
      if (!call.ok) return call;
      const said = { key, name, amount, happenedAt, by: { name: by, buyer: null } };
      const done = await after.reportConversion({ ...said, call: call.call });
      return done.ok ? { ...call, ...done } : done;
    };
  });
  answered(
    reported,
    options.json,
    ({ ok, result, call, revision, worth }) => ({ ok, result, call, key, revision, ...worthView(worth) }),
    ({ result, call, worth }) => {
      const { revenue, payout, margin, currency } = worthView(worth);
      return `${result}: call ${call} is worth ${revenue} = payout ${payout} + margin ${margin} ${currency}`;
    },
  );
}
