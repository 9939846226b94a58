/** `tollbridge payouts adjust`: an amount for a publisher or from a buyer, put right by hand. */
import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config/config.ts';
import type { Adjustment } from '../records/ledger/adjust.ts';
import { afterwards } from './afterwards.ts';
import { answered } from './answered.ts';
import { changing, type ChangingOptions } from './reading.ts';

interface AdjustOptions extends ChangingOptions {
  readonly publisher?: string;
  readonly buyer?: string;
  readonly amount: string;
  readonly why: string;
  readonly call?: string;
  readonly campaign?: string;
  readonly key?: string;
}

export function adjustCommand(): Command {
  return changing(new Command('adjust'))
    .description('an amount for a publisher or from a buyer, against the margin, with who and why')
    .option('--publisher <id>', 'whom we owe more, or, below 0, less')
    .option('--buyer <id>', 'who owes us more, or, below 0, less')
    .requiredOption('--amount <amount>', 'decimal text in whole minor units: 12.50, --amount=-12.50')
    .requiredOption('--why <text>', 'why')
    .option('--call <id>', 'the call that it is about; the beginning of its id will do')
    .option('--campaign <id>', 'the campaign; that of the call if not said')
    .option('--key <key>', 'asked for twice under one key, it is made once; a new one if not said')
    .action(adjust);
}

async function adjust(options: AdjustOptions): Promise<void> {
  const { amount, why, by, campaign = null, key = randomUUID(), json } = options;
  const party = partyOf(options);
  const adjusted = await afterwards(options, ({ currency, network }) => async (after, named) => {
    const call = options.call === undefined ? null : await named(options.call);
    if (call?.ok === false) return call;
    return after.adjust({
      ...{ key, party, amount, why, by, call: call?.call ?? null, campaign, currency },
      named: {
        party: isNamed(party, network),
        campaign: campaign !== null && network.campaigns.has(campaign),
      },
    });
  });
  const { kind, name } = party;
  answered(
    adjusted,
    json,
    ({ ok, result }) => ({ ok, result, key, [kind]: name, amount }),
    ({ result }) =>
      `${result}: ${amount} ${kind === 'publisher' ? 'for publisher' : 'from buyer'} ${name}, key ${key}`,
  );
}

function partyOf({ publisher, buyer }: AdjustOptions): Adjustment['party'] {
  if (publisher !== undefined && buyer === undefined) return { kind: 'publisher', name: publisher };
  if (buyer !== undefined && publisher === undefined) return { kind: 'buyer', name: buyer };
  throw new InvalidArgumentError('say --publisher or --buyer, one of the two');
}

const isNamed = ({ kind, name }: Adjustment['party'], { publishers, buyers }: Config['network']): boolean =>
  (kind === 'publisher' ? publishers : buyers).has(name);
