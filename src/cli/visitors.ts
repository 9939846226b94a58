/** `tollbridge visitors`: which pages of publishers may show their visitors numbers of their own. */
import { Command } from 'commander';
import { parseDuration } from '../config/values/duration.ts';
import { answered, listed } from './answered.ts';
import { argument, gather, loadedConfig, type ConfigOptions } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { withRecords } from './with-records.ts';

export function visitorsCommand(): Command {
  return new Command('visitors')
    .description('keys by which pages of publishers show each visitor a number of its own')
    .addCommand(
      reading(new Command('add'))
        .description(
          'a key for the pages of an application; its numbers: tollbridge numbers assign --visitors',
        )
        .argument('<application>', 'its id')
        .requiredOption(
          '--origin <url>',
          'where pages are: https://offers.example (repeatable)',
          gather(String),
        )
        .option('--lend <time>', 'how long a number stays with a visit', argument(parseDuration), 30 * 60_000)
        .action(add),
    )
    .addCommand(reading(new Command('list')).description('the keys, newest first').action(list))
    .addCommand(
      reading(new Command('revoke'))
        .description('pages with this key show what they hold themselves')
        .argument('<key>', 'the key')
        .action(revoke),
    );
}

interface AddOptions extends ReadingOptions {
  readonly origin: readonly string[];
  readonly lend: number;
}

async function add(application: string, { origin, lend, ...options }: AddOptions): Promise<void> {
  const { addPageKey } = await import('../publishers/page-keys.ts');
  const added = await asking(options, (db) => addPageKey(db, { application, origins: origin, lendMs: lend }));
  answered(
    added,
    options.json,
    ({ key }) => key,
    ({ key: { key } }) => [
      key,
      `<script src="https://SWITCH/v1/numbers.js" data-key="${key}" async></script>`,
    ],
  );
}

async function list(options: ReadingOptions): Promise<void> {
  const { listPageKeys } = await import('../publishers/page-keys.ts');
  listed(await asking(options, listPageKeys), options.json, 'no page has a key', {
    key: ({ key }) => key,
    application: ({ application }) => application,
    origins: ({ origins }) => origins.join(' '),
    'lends for, s': ({ lend_ms }) => lend_ms / 1000,
    revoked: ({ revoked_at }) => revoked_at,
  });
}

async function revoke(key: string, options: ReadingOptions): Promise<void> {
  const { revokePageKey } = await import('../publishers/page-keys.ts');
  const revoked = await asking(options, (db) => revokePageKey(db, key, new Date()));
  answered(
    revoked,
    options.json,
    () => ({ key }),
    () => `${key} is revoked`,
  );
}

async function asking<T>(
  options: ConfigOptions,
  ask: Parameters<typeof withRecords<T>>[1],
): Promise<T | null> {
  const config = await loadedConfig(options);
  return config && withRecords(config, ask);
}
