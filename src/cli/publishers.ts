/** `tollbridge publishers`: who brings callers, what they applied for, and what the network says to it. */
import { Command, Option } from 'commander';
import type { NumberView, PublisherView } from '../publishers/views.ts';
import { answered, listed } from './answered.ts';
import { applicationCommands, printApplications } from './applications.ts';
import { printJson, printTable, refuse } from './context.ts';
import { limited, publishing } from './publishing.ts';
import { reading, type ReadingOptions } from './reading.ts';

export function publishersCommand(): Command {
  const publishers = new Command('publishers')
    .description('who brings callers: added, applying to campaigns, approved and given numbers')
    .addCommand(
      reading(new Command('add'))
        .description('a publisher')
        .argument('<id>', 'its id')
        .requiredOption('--name <name>', 'its name, for people')
        .action(add),
    )
    .addCommand(
      limited(reading(new Command('list')))
        .description('by id: those of the config and those who were added')
        .addOption(new Option('--state <state>', 'those in it').choices(['active', 'ended']))
        .action(list),
    )
    .addCommand(
      reading(new Command('show'))
        .description('a publisher with its applications and the numbers it holds')
        .argument('<id>', 'its id')
        .action(show),
    );
  for (const command of applicationCommands()) publishers.addCommand(command);
  return publishers;
}

async function add(id: string, { name, ...options }: ReadingOptions & { readonly name: string }) {
  const added = await publishing(options, (publishers) => publishers.addPublisher({ id, name }));
  answered(
    added,
    options.json,
    ({ publisher }) => publisher,
    ({ publisher }) => `publisher ${publisher.id} is there`,
  );
}

interface ListOptions extends ReadingOptions {
  readonly state?: PublisherView['state'];
  readonly limit: number;
}

async function list({ state, limit, ...options }: ListOptions) {
  const page = await publishing(options, (publishers) =>
    publishers.listPublishers({ limit, ...(state !== undefined && { state }) }),
  );
  listed(page && page.items, options.json, 'there is no such publisher', {
    publisher: ({ id }) => id,
    name: ({ name }) => name,
    state: ({ state: stands }) => stands,
    'by the config': ({ given }) => (given ? 'yes' : 'no'),
    since: ({ created_at }) => created_at,
  });
}

async function show(id: string, options: ReadingOptions) {
  const found = await publishing(options, async (publishers) => {
    const publisher = await publishers.showPublisher(id);
    const { items } = await publishers.listApplications({ limit: 1000, publisher: id });
    const numbers = await publishers.listNumbers({ limit: 1000, publisher: id });
    return { publisher, applications: items, numbers: numbers.items };
  });
  if (!found) return;
  const { publisher, applications: made, numbers } = found;
  if (!publisher) refuse(`there is no publisher ${id}`);
  else if (options.json === true) printJson({ ...publisher, applications: made, numbers });
  else {
    const { name, state, given } = publisher;
    process.stdout.write(`${id}: ${name}, ${state}${given ? ', by the config' : ''}\n`);
    printApplications(made);
    printNumbers(numbers);
  }
}

function printNumbers(numbers: readonly NumberView[]): void {
  if (numbers.length === 0) return;
  printTable(
    ['number', 'campaign', 'source', 'state'],
    numbers.map(({ number, campaign, source, state, paused }) => [
      ...[number, campaign, source],
      paused ? `${state}, paused` : state,
    ]),
  );
}
