/** `tollbridge webhooks`: who is told of calls, what could not be delivered, and another try. */
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { parseInteger } from '../config/values/scalars.ts';
import type { EndpointView } from '../records/outbox/list-deliveries.ts';
import { ownerName } from '../records/outbox/subscription.ts';
import { argument, exit, loadedConfig, printJson, printTable, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { withRecords } from './with-records.ts';

export function webhooksCommand(): Command {
  return new Command('webhooks')
    .description('who is told of calls over HTTP, and what could not be delivered')
    .addCommand(
      reading(new Command('list')).description('the endpoints, and what waits for each').action(list),
    )
    .addCommand(
      reading(new Command('dead'))
        .description('what was given up, newest first')
        .option('--limit <number>', 'at most so many', argument(parseInteger(1, 100_000)), 50)
        .action(dead),
    )
    .addCommand(
      reading(new Command('retry'))
        .description('deliver what was given up after all; an endpoint that had gone hears of calls again')
        .argument('[id]', 'a delivery, as `dead` names it')
        .option('--all', 'all of them')
        .action(retry),
    );
}

async function list(options: ReadingOptions): Promise<void> {
  const config = await loadedConfig(options);
  if (!config) return;
  const { listEndpoints } = await import('../records/outbox/list-deliveries.ts');
  const known = await withRecords(config, listEndpoints);
  if (!known) return;
  const endpoints = together(config, known);
  if (options.json === true) printJson({ endpoints });
  else if (endpoints.length === 0) process.stdout.write('nobody is told of calls\n');
  else
    printTable(
      ['endpoint', 'of', 'at', 'events', 'waiting', 'oldest', 'delivered', 'dead', 'last error'],
      endpoints.map(({ endpoint, owner, host, events, waiting, oldest_waiting, delivered, ...rest }) => [
        ...[endpoint, owner, host ?? 'not in the config', events.join(' ')],
        ...[waiting, oldest_waiting, delivered, rest.dead],
        rest.gone_at === null ? rest.last_error : `gone since ${rest.gone_at}`,
      ]),
    );
}

/** Those of the config first, in its order; then those that only the records know. */
function together({ webhooks }: Config, known: readonly EndpointView[]) {
  const views = new Map(known.map((view) => [view.endpoint, view]));
  const named = webhooks.map(({ id, owner, url, events }) => ({
    ...(views.get(id) ?? nothingYet),
    endpoint: id,
    owner: ownerName(owner),
    // The rest of a URL may hold a key.
    host: new URL(url).host,
    events,
  }));
  const ids = new Set(webhooks.map(({ id }) => id));
  const others = known
    .filter(({ endpoint }) => !ids.has(endpoint))
    .map((view) => ({ ...view, host: null, events: [] }));
  return [...named, ...others];
}

const nothingYet = {
  ...{ waiting: 0, delivered: 0, dead: 0 },
  ...{ oldest_waiting: null, last_error: null, gone_at: null },
};

async function dead(options: ReadingOptions & { readonly limit: number }): Promise<void> {
  const config = await loadedConfig(options);
  if (!config) return;
  const { listDead } = await import('../records/outbox/list-deliveries.ts');
  const deliveries = await withRecords(config, (db) => listDead(db, options.limit));
  if (!deliveries) return;
  if (options.json === true) printJson({ dead: deliveries });
  else if (deliveries.length === 0) process.stdout.write('nothing was given up\n');
  else
    printTable(
      ['delivery', 'event', 'call', 'of', 'attempts', 'error', 'given up'],
      deliveries.map(({ id, event, call, owner, attempts, error, given_up_at }) => [
        ...[id, event, call, owner, attempts, error, given_up_at],
      ]),
    );
}

async function retry(
  id: string | undefined,
  options: ReadingOptions & { readonly all?: boolean },
): Promise<void> {
  if ((id === undefined) === (options.all !== true)) {
    process.stderr.write('error: name one delivery, or --all\n');
    process.exitCode = exit.wrongUsage;
    return;
  }
  const config = await loadedConfig(options);
  if (!config) return;
  const { retryDead } = await import('../records/outbox/retry.ts');
  const retried = await withRecords(config, (db) => retryDead(db, id ?? null));
  if (!retried) return;
  if (options.json === true) printJson(retried);
  if (!retried.ok) refuse(retried.message);
  else if (options.json !== true)
    process.stdout.write(
      retried.retried === 1 ? '1 delivery waits again\n' : `${retried.retried} deliveries wait again\n`,
    );
}
