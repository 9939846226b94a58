/** `tollbridge disputes`: what buyers will not pay for, and what the network says to it. */
import { Command, Option } from 'commander';
import { parseInteger } from '../config/values/scalars.ts';
import type { Decision } from '../records/ledger/decide-dispute.ts';
import type { DisputeView } from '../records/ledger/list-disputes.ts';
import { worthView } from '../records/ledger/worth.ts';
import { afterwards } from './afterwards.ts';
import { answered } from './answered.ts';
import { argument, printJson, printTable, refuse } from './context.ts';
import { changing, reading, type ChangingOptions, type ReadingOptions } from './reading.ts';

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
        .option('--call <id>', 'those about a call; the beginning of its id will do')
        .option('--limit <number>', 'at most so many', argument(parseInteger(1, 100_000)), 50)
        .action(list),
    )
    .addCommand(
      changing(new Command('open'))
        .description('for the buyer of a call')
        .requiredOption('--call <id>', 'the call; the beginning of its id will do')
        .requiredOption('--reason <text>', 'why it should not be paid for')
        .action(open),
    )
    .addCommand(
      changing(new Command('accept'))
        .description('takes back what was billed, and of the payout what the campaign’s terms say')
        .argument('<dispute>', 'its id')
        .requiredOption('--why <text>', 'why it is accepted')
        .option('--remains <amount>', 'in part: the revenue that remains')
        .action((dispute: string, options: DecisionOptions) =>
          decide(dispute, options, decisionOf(options.remains)),
        ),
    )
    .addCommand(
      changing(new Command('refuse'))
        .description('leaves everything as it is')
        .argument('<dispute>', 'its id')
        .requiredOption('--why <text>', 'why it is refused')
        .action((dispute: string, options: DecisionOptions) =>
          decide(dispute, options, { state: 'refused' }),
        ),
    );
}

interface ListOptions extends ReadingOptions {
  readonly state?: DisputeView['state'];
  readonly buyer?: string;
  readonly call?: string;
  readonly limit: number;
}

async function list(options: ListOptions): Promise<void> {
  const { state, buyer, limit } = options;
  const disputes = await afterwards(options, () => async (after, named) => {
    const call = options.call === undefined ? null : await named(options.call);
    if (call?.ok === false) return call;
    return after.listDisputes({
      limit,
      ...(state !== undefined && { state }),
      ...(buyer !== undefined && { buyer }),
      ...(call !== null && { call: call.call }),
    });
  });
  if (!disputes) return;
  if ('reason' in disputes) refuse(disputes.message);
  else if (options.json === true) printJson(disputes);
  else if (disputes.length === 0) process.stdout.write('no disputes\n');
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

interface OpenOptions extends ChangingOptions {
  readonly call: string;
  readonly reason: string;
}

async function open(options: OpenOptions): Promise<void> {
  const { reason, by, json } = options;
  const opened = await afterwards(options, () => async (after, named) => {
    const call = await named(options.call);
    if (!call.ok) return call;
    const asked = { call: call.call, reason, by: { name: by, buyer: null } };
    const done = await after.openDispute(asked);
    return done.ok ? { ...call, ...done } : done;
  });
  answered(
    opened,
    json,
    ({ ok, dispute, call }) => ({ ok, dispute, call, state: 'open' }),
    ({ dispute, call }) => `dispute ${dispute} about call ${call} is open`,
  );
}

interface DecisionOptions extends ChangingOptions {
  readonly why: string;
  readonly remains?: string;
}

const decisionOf = (remains: string | undefined): Decision =>
  remains === undefined ? { state: 'accepted' } : { state: 'partly', remains };

async function decide(dispute: string, options: DecisionOptions, decision: Decision): Promise<void> {
  const { by, why, json } = options;
  const decided = await afterwards(options, () => async (after) => {
    const result = await after.decideDispute({ dispute, decision, by, why });
    if (result.ok || result.reason !== 'bad_amount') return result;
    return { ...result, message: `${result.message}; leave --remains out to accept all of it` };
  });
  answered(
    decided,
    json,
    ({ ok, call, state, worth }) => ({ ok, dispute, call, state, ...worthView(worth) }),
    ({ call, state, worth }) => {
      const { revenue, payout, margin, currency } = worthView(worth);
      return `${state}: call ${call} is worth ${revenue} = payout ${payout} + margin ${margin} ${currency}`;
    },
  );
}
