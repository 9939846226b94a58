/** `tollbridge numbers`: which there are, who has them, and how they come and go. */
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { messageOf } from '../message-of.ts';
import type { Imported } from '../publishers/import-numbers.ts';
import type { Publishers } from '../publishers/publishers.ts';
import type { NumberState } from '../publishers/views.ts';
import { normalizeNumber } from '../routing/number.ts';
import { answered, listed } from './answered.ts';
import { painter, printJson, refuse } from './context.ts';
import { choiceOf, choosing, limited, network, publishing, type ChoiceOptions } from './publishing.ts';
import { changing, reading, type ChangingOptions, type ReadingOptions } from './reading.ts';

export function numbersCommand(): Command {
  return new Command('numbers')
    .description('tracking numbers: which there are, who has them, how they come and go')
    .addCommand(
      limited(reading(new Command('list')))
        .description('in order, each with what it is now')
        .option('--pool <id>', 'those of a pool')
        .addOption(new Option('--state <state>', 'those in it').choices(states))
        .option('--publisher <id>', 'those of a publisher')
        .option('--campaign <id>', 'those of a campaign')
        .action(list),
    )
    .addCommand(
      reading(new Command('show'))
        .description('a number, and who held it when')
        .argument('<number>', 'the number')
        .action(show),
    )
    .addCommand(
      choosing(changing(new Command('assign')))
        .description('a further number for an application that was approved')
        .argument('<application>', 'its id')
        .argument('[number]', 'this one; else whichever is free and as asked for')
        .option('--visitors', 'for the visitors of its pages, each for a while')
        .action(assign),
    )
    .addCommand(
      changing(new Command('release'))
        .description('takes a number back from whoever holds it')
        .argument('<number>', 'the number')
        .option('--why <text>', 'what the history says of it, in one line')
        .action(release),
    )
    .addCommand(
      reading(new Command('import'))
        .description('numbers for pools: all lines of the file, or none')
        .argument('<file>', 'CSV with the columns number and pool')
        .action(bringIn),
    );
}

const states: readonly NumberState[] = ['free', 'given', 'held', 'resting', 'visitors'];

interface ListOptions extends ReadingOptions {
  readonly pool?: string;
  readonly state?: NumberState;
  readonly publisher?: string;
  readonly campaign?: string;
  readonly limit: number;
}

async function list({ pool, state, publisher, campaign, limit, ...options }: ListOptions) {
  const page = await publishing(options, (publishers) =>
    publishers.listNumbers({
      limit,
      ...(pool !== undefined && { pool }),
      ...(state !== undefined && { state }),
      ...(publisher !== undefined && { publisher }),
      ...(campaign !== undefined && { campaign }),
    }),
  );
  listed(page && page.items, options.json, 'there is no such number', {
    number: ({ number }) => number,
    pool: (one) => one.pool,
    state: (one) => (one.paused ? `${one.state}, paused` : one.state),
    campaign: (one) => one.campaign,
    publisher: (one) => one.publisher,
    source: ({ source }) => source,
    'rests until': ({ rests_until }) => rests_until,
  });
}

type Shown = NonNullable<Awaited<ReturnType<Publishers['showNumber']>>>;

async function show(written: string, options: ReadingOptions) {
  const found = await publishing(options, async (publishers, country) => ({
    answer: await publishers.showNumber(normalizeNumber(written, country) ?? written),
  }));
  if (!found) return;
  if (!found.answer) refuse(`${written} is none of our numbers`);
  else if (options.json === true) printJson({ ...found.answer.number, history: found.answer.history });
  else print(found.answer);
}

function print({ number, history }: Shown): void {
  const { pool, publisher, campaign, rests_until } = number;
  const facts = [
    number.paused ? `${number.state}, paused` : number.state,
    ...(pool === null ? [] : [`pool ${pool}`]),
    ...(publisher === null ? [] : [`${publisher} for ${campaign ?? ''}`]),
    ...(rests_until === null ? [] : [`until ${rests_until}`]),
  ];
  process.stdout.write(`${number.number}: ${facts.join(', ')}\n`);
  listed(history, false, 'no publisher has held it', {
    from: ({ held_from }) => held_from,
    until: ({ held_until }) => held_until,
    publisher: (one) => one.publisher,
    campaign: (one) => one.campaign,
    source: ({ source }) => source,
    use: ({ use }) => use,
    application: ({ application }) => application,
    'taken back by': ({ released_by }) => released_by,
    why: ({ released_why }) => released_why,
  });
}

interface AssignOptions extends ChangingOptions, ChoiceOptions {
  readonly visitors?: boolean;
}

async function assign(application: string, number: string | undefined, options: AssignOptions) {
  const assigned = await publishing(options, (publishers) =>
    publishers.assign({
      application,
      by: network(options),
      number: number ?? choiceOf(options),
      use: options.visitors === true ? 'visitors' : 'fixed',
    }),
  );
  answered(
    assigned,
    options.json,
    (done) => ({ application, number: done.number, held_from: done.held_from }),
    (done) =>
      `${done.number} is ${done.application.publisher}’s for ${done.application.campaign}, from ${done.held_from}`,
  );
}

interface ReleaseOptions extends ChangingOptions {
  readonly why?: string;
}

async function release(written: string, { why, ...options }: ReleaseOptions) {
  const released = await publishing(options, (publishers, country) =>
    publishers.release({
      number: normalizeNumber(written, country) ?? written,
      by: network(options),
      ...(why !== undefined && { why }),
    }),
  );
  answered(
    released,
    options.json,
    ({ number }) => number,
    ({ number: { number, rests_until } }) =>
      rests_until === null ? `${number} is free` : `${number} rests until ${rests_until}`,
  );
}

async function bringIn(file: string, options: ReadingOptions) {
  const csv = await readFile(file, 'utf8').catch((error: unknown) => {
    refuse(messageOf(error));
    return null;
  });
  if (csv === null) return;
  const imported = await publishing(options, (publishers) => publishers.importNumbers(csv));
  if (imported && options.json !== true) tellProblems(file, imported);
  answered(
    imported,
    options.json,
    (done) => ({ imported: done.imported }),
    ({ imported: many }) => (many === 1 ? '1 number is imported' : `${many} numbers are imported`),
  );
}

/** As `check` tells them: editors and terminals make links of it. */
function tellProblems(file: string, imported: Imported): void {
  if (imported.ok) return;
  const paint = painter(process.stderr);
  for (const { line, message } of imported.problems)
    process.stderr.write(`${file}:${line}: ${paint('red', 'error:')} ${message}\n`);
}
