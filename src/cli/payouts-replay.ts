/** `tollbridge payouts replay`: what the calls of a time would have come to under the terms of another config. */
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { PayoutReplay } from '../replay/replay-payouts.ts';
import type { Difference, SettledAgain } from '../replay/differing.ts';
import { formatMoney } from '../settlement/money.ts';
import { exit, loadedConfig, printJson, printTable } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { timeOption, withRecords } from './with-records.ts';

interface ReplayOptions extends ReadingOptions {
  readonly from: string;
  readonly to: string;
}

/** What it takes as it was. */
const assumptions: readonly string[] = [
  'Calls went to the buyers that took them, at the bids that were made: nobody is routed anew.',
  'What was reported after a call is known; what was disputed or adjusted stands beside both sides.',
  'What ended before that time counts towards duplicates and payout caps as it stands; from then on what these terms come to does.',
];

export function replayCommand(): Command {
  return reading(new Command('replay'))
    .description('evaluate the recorded calls of a time under the terms of --config; changes nothing')
    .requiredOption('--from <time>', 'calls that ended then or later: ISO 8601, on the network’s clock')
    .requiredOption('--to <time>', 'calls that ended before')
    .action(async (options: ReplayOptions, command: Command) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const [from, to] = [timeOption(options.from, config), timeOption(options.to, config)];
      if (from >= to) command.error('error: --to must be after --from', { exitCode: exit.wrongUsage });
      const { replayPayouts } = await import('../replay/replay-payouts.ts');
      const asksForEach = options.json === true;
      const changed: object[] = [];
      const onChange = (one: SettledAgain): void => {
        if (asksForEach) changed.push(changeAsJson(one, config));
      };
      const replay = await withRecords(config, (db) => replayPayouts(db, config.terms, from, to, onChange));
      if (!replay) return;
      if (asksForEach) printJson(asJson(replay, changed, config));
      else print(replay, config);
    });
}

/** Money as decimal text. */
function asJson(replay: PayoutReplay, changed: readonly object[], { currency, terms, hash }: Config): object {
  const money = (amount: bigint) => formatMoney(amount, terms.minorDigits);
  const totals = ({ revenue, payout }: PayoutReplay['before']) => ({
    revenue: money(revenue),
    payout: money(payout),
    margin: money(revenue - payout),
  });
  const parties = (all: readonly Difference[]) =>
    all.map(({ id, calls, before, after }) => ({
      ...{ id, calls, before: money(before), after: money(after), difference: money(after - before) },
    }));
  return {
    table: hash,
    currency,
    calls: replay.calls,
    other_currency: replay.otherCurrency,
    before: totals(replay.before),
    after: totals(replay.after),
    publishers: parties(replay.publishers),
    buyers: parties(replay.buyers),
    changed,
    assumptions,
  };
}

function changeAsJson({ recorded, now }: SettledAgain, { terms }: Config): object {
  const money = (amount: bigint) => formatMoney(amount, terms.minorDigits);
  return {
    call: recorded.call.call,
    ended_at: new Date(recorded.call.endedAt).toISOString(),
    ...{ campaign: recorded.call.campaign, publisher: recorded.call.publisher, buyer: recorded.call.buyer },
    before: {
      ...{ revenue: money(recorded.revenue), revenue_reason: recorded.revenueReason },
      ...{ payout: money(recorded.payout), payout_reason: recorded.payoutReason },
    },
    after: {
      ...{ revenue: money(now.revenue), revenue_reason: now.revenueReason },
      ...{ payout: money(now.payout), payout_reason: now.payoutReason },
    },
  };
}

function print(replay: PayoutReplay, { currency, terms }: Config): void {
  const money = (amount: bigint) => formatMoney(amount, terms.minorDigits);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { calls, changed, before, after, otherCurrency } = replay;
  say(
    `${calls} calls; ${changed === 0 ? 'none would have' : `${changed} would have`} come to another amount`,
  );
  if (otherCurrency > 0) say(`${otherCurrency} calls in another currency than ${currency} are left out`);
  if (changed > 0) {
    const row = (name: string, { revenue, payout }: typeof before) => [
      ...[name, money(revenue), money(payout), money(revenue - payout)],
    ];
    printTable(
      ['', `revenue ${currency}`, 'payout', 'margin'],
      [row('as recorded', before), row('under these terms', after)],
    );
    printParties('publisher', 'payout', replay.publishers, money);
    printParties('buyer', 'revenue', replay.buyers, money);
  }
  say('assumed:');
  for (const assumption of assumptions) say(`  ${assumption}`);
}

function printParties(
  who: string,
  what: string,
  all: readonly Difference[],
  money: (amount: bigint) => string,
): void {
  if (all.length === 0) return;
  printTable(
    [who, 'calls that change', `${what} as recorded`, 'under these terms', 'difference'],
    all.map(({ id, calls, before, after }) => [
      ...[id, calls, money(before), money(after)],
      `${after > before ? '+' : ''}${money(after - before)}`,
    ]),
  );
}
