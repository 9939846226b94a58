/** `tollbridge publishers apply …`: what publishers applied for, and what the network says to it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Decided } from '../publishers/decide.ts';
import type { Publishers } from '../publishers/publishers.ts';
import type { ApplicationView } from '../publishers/views.ts';
import type { ApplicationState } from '../records/schema/publishers.ts';
import { answered } from './answered.ts';
import { printJson, printTable } from './context.ts';
import { choiceOf, choosing, limited, network, publishing, type ChoiceOptions } from './publishing.ts';
import { changing, reading, type ChangingOptions, type ReadingOptions } from './reading.ts';

export const applicationCommands = (): readonly Command[] => [
  limited(reading(new Command('applications')))
    .description('newest first')
    .option('--publisher <id>', 'those of a publisher')
    .option('--campaign <id>', 'those to a campaign')
    .addOption(new Option('--state <state>', 'those in it').choices(states))
    .action(applications),
  reading(new Command('apply'))
    .description('to a campaign, for a publisher')
    .argument('<id>', 'the publisher')
    .requiredOption('--campaign <id>', 'the campaign')
    .option('--source <label>', 'the publisher’s own label')
    .action(apply),
  choosing(changing(new Command('approve')))
    .description('gives the publisher a number of the campaign’s pool at once')
    .argument('<application>', 'its id')
    .action(approve),
  changing(new Command('refuse'))
    .description('an application that waits')
    .argument('<application>', 'its id')
    .requiredOption('--why <text>', 'why it is refused')
    .action(deciding('refuse')),
  step('withdraw', 'an application that waits, for the publisher'),
  step('pause', 'calls to its numbers are refused until it is resumed'),
  step('resume', 'calls to its numbers are taken again'),
  changing(new Command('end'))
    .description('an application, or a publisher with all of its own; the numbers are released')
    .argument('[application]', 'its id')
    .option('--publisher <id>', 'the publisher')
    .option('--why <text>', 'why')
    .action(end),
];

const states: readonly ApplicationState[] = [
  'applied',
  'approved',
  'refused',
  'withdrawn',
  'paused',
  'ended',
];

type Deciding = 'refuse' | 'withdraw' | 'pause' | 'resume' | 'endApplication';

const step = (name: Exclude<Deciding, 'endApplication'>, description: string): Command =>
  changing(new Command(name))
    .description(description)
    .argument('<application>', 'its id')
    .option('--why <text>', 'why')
    .action(deciding(name));

interface ApplicationsOptions extends ReadingOptions {
  readonly publisher?: string;
  readonly campaign?: string;
  readonly state?: ApplicationState;
  readonly limit: number;
}

async function applications({ publisher, campaign, state, limit, ...options }: ApplicationsOptions) {
  const page = await publishing(options, (publishers) =>
    publishers.listApplications({
      limit,
      ...(publisher !== undefined && { publisher }),
      ...(campaign !== undefined && { campaign }),
      ...(state !== undefined && { state }),
    }),
  );
  if (!page) return;
  if (options.json === true) printJson(page.items);
  else if (page.items.length === 0) process.stdout.write('there is no such application\n');
  else printApplications(page.items);
}

export function printApplications(made: readonly ApplicationView[]): void {
  if (made.length === 0) return;
  printTable(
    ['application', 'state', 'publisher', 'campaign', 'source', 'applied', 'numbers', 'decided by', 'why'],
    made.map((one) => [
      ...[one.id, one.state, one.publisher, one.campaign, one.source, one.applied_at],
      one.numbers.map(({ number }) => number).join(' ') || null,
      ...[one.decided_by, one.why],
    ]),
  );
}

interface ApplyOptions extends ReadingOptions {
  readonly campaign: string;
  readonly source?: string;
}

async function apply(publisher: string, { campaign, source, ...options }: ApplyOptions) {
  const applied = await publishing(options, (publishers) =>
    publishers.apply({ publisher, campaign, ...(source !== undefined && { source }) }),
  );
  answered(
    applied,
    options.json,
    ({ application }) => ({ application: application.id }),
    ({ application }) => `application ${application.id} waits for an answer`,
  );
}

async function approve(application: string, options: ChangingOptions & ChoiceOptions) {
  const approved = await publishing(options, (publishers) =>
    publishers.approve({ application, by: network(options), number: choiceOf(options) }),
  );
  answered(
    approved,
    options.json,
    ({ number }) => ({ application, number }),
    ({ number, application: of, held_from }) =>
      `approved: ${number} is ${of.publisher}’s for ${of.campaign}${of.source === null ? '' : ` as ${of.source}`}, from ${held_from}`,
  );
}

interface StepOptions extends ChangingOptions {
  readonly why?: string;
}

function deciding(taken: Deciding): (application: string, options: StepOptions) => Promise<void> {
  return async (application, options) => {
    const { why } = options;
    const decide = (publishers: Publishers): Promise<Decided> =>
      publishers[taken]({ application, by: network(options), ...(why !== undefined && { why }) });
    answered(
      await publishing(options, decide),
      options.json,
      ({ application: { state } }) => ({ application, state }),
      ({ application: { state } }) => `application ${application} is ${state}`,
    );
  };
}

async function end(
  application: string | undefined,
  { publisher, ...options }: StepOptions & { readonly publisher?: string },
) {
  if ((application === undefined) === (publisher === undefined))
    throw new InvalidArgumentError('name an application, or a publisher by --publisher');
  if (application !== undefined) return deciding('endApplication')(application, options);
  if (publisher === undefined) return;
  const { why } = options;
  const ended = await publishing(options, (publishers) =>
    publishers.endPublisher({ publisher, by: network(options), ...(why !== undefined && { why }) }),
  );
  answered(
    ended,
    options.json,
    ({ released }) => ({ publisher, state: 'ended', released }),
    ({ released }) => `publisher ${publisher} has ended; released: ${released.join(' ') || 'no number'}`,
  );
}
