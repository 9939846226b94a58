/** `tollbridge disputes`: what buyers will not pay for, and what the network says to it. */
import { Command, Option } from 'commander';
import { parseInteger } from '../config/values/scalars.ts';
import type { Decision } from '../records/ledger/decide-dispute.ts';
import type { DisputeView } from '../records/ledger/list-disputes.ts';
import { worthView } from '../records/ledger/worth.ts';
import { argument, printJson, printTable } from './context.ts';
import { afterwards, correcting, reading, told, type CorrectingOptions } from './correcting.ts';

export function disputesCommand(): Command {
  return new Command('disputes')
    .description('what buyers will not pay for: opened, then accepted, accepted in part or refused')
    .addCommand(
      reading(new Command('list'))
        .description('newest first')
        .addOption(
          new Option('--state <state>', 'those in it').choices(['open', 'accepted', 'partly', 'refused']),
        )
        .option('--buyer <id>', 'those of a buyer')
        .option('--call <id>', 'those about a call')
        .option('--limit <number>', 'at most so many', argument(parseInteger(1, 100_000)), 50)
        .action(list),
    )
    .addCommand(
      correcting(new Command('open'))
        .description('for the buyer of a call')
        .requiredOption('--call <id>', 'the call')
        .requiredOption('--reason <text>', 'why it should not be paid for')
        .action(open),
    )
    .addCommand(
      correcting(new Command('accept'))
        .description('takes back what was billed, and of the payout what the campaign’s terms say')
        .argument('<dispute>', 'its id')
        .requiredOption('--why <text>', 'why it is accepted')
        .option('--remains <amount>', 'in part: the revenue that remains')
        .action((dispute: string, options: DecisionOptions) =>
          decide(dispute, options, decisionOf(options.remains)),
        ),
    )
    .addCommand(
      correcting(new Command('refuse'))
        .description('leaves everything as it is')
        .argument('<dispute>', 'its id')
        .requiredOption('--why <text>', 'why it is refused')
        .action((dispute: string, options: DecisionOptions) =>
          decide(dispute, options, { state: 'refused' }),
        ),
    );
}

interface ListOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly state?: DisputeView['state'];
  readonly buyer?: string;
  readonly call?: string;
  readonly limit: number;
}

async function list(options: ListOptions): Promise<void> {
  const { state, buyer, call, limit } = options;
  const disputes = await afterwards(
    options,
    () => (after) =>
      after.listDisputes({
        limit,
        ...(state !== undefined && { state }),
        ...(buyer !== undefined && { buyer }),
        ...(call !== undefined && { call }),
      }),
  );
  if (!disputes) return;
  if (options.json === true) printJson(disputes);
  else if (disputes.length === 0) process.stdout.write('there is no such dispute\n');
  else print(disputes);
}

function print(disputes: readonly DisputeView[]): void {
  printTable(
    [
      'dispute',
      'state',
      'call',
      'buyer',
      'publisher',
      'opened',
      'reason',
      'revenue now',
      'decided by',
      'why',
    ],
    disputes.map((one) => [
      ...[one.id, one.state, one.call, one.buyer, one.publisher, one.opened_at, one.reason],
      one.revenue === null ? null : `${one.revenue} ${one.currency ?? ''}`,
      ...[one.decided_by, one.why],
    ]),
  );
}

interface OpenOptions extends CorrectingOptions {
  readonly call: string;
  readonly reason: string;
}

async function open(options: OpenOptions): Promise<void> {
  const { call, reason, by, json } = options;
  const opened = await afterwards(
    options,
    () => (after) => after.openDispute({ call, reason, by: { name: by, buyer: null } }),
  );
  told(
    opened,
    json,
    ({ dispute }) => ({ dispute, call, state: 'open' }),
    ({ dispute }) => `dispute ${dispute} about call ${call} is open`,
  );
}

interface DecisionOptions extends CorrectingOptions {
  readonly why: string;
  readonly remains?: string;
}

const decisionOf = (remains: string | undefined): Decision =>
  remains === undefined ? { state: 'accepted' } : { state: 'partly', remains };

async function decide(dispute: string, options: DecisionOptions, decision: Decision): Promise<void> {
  const { by, why, json } = options;
  const decided = await afterwards(
    options,
    () => (after) => after.decideDispute({ dispute, decision, by, why }),
  );
  told(
    decided,
    json,
    ({ call, state, worth }) => ({ dispute, call, state, ...worthView(worth) }),
    ({ call, state, worth }) => {
      const { revenue, payout, margin, currency } = worthView(worth);
      return `${state}: call ${call} is worth ${revenue} = payout ${payout} + margin ${margin} ${currency}`;
    },
  );
}
