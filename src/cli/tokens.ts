/** `tollbridge tokens`: who may ask the API, and as whom. */
import { Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { parseDuration } from '../config/values/duration.ts';
import type { NewToken, TokenHolder, TokenView } from '../records/api/tokens.ts';
import { argument, exit, loadedConfig, printJson, printTable, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';
import { timeOption, withRecords } from './with-records.ts';

export function tokensCommand(): Command {
  return new Command('tokens')
    .description('who may ask the API: the network’s people by admin, publishers of what is theirs')
    .addCommand(
      reading(new Command('add'))
        .description('a token, which is told this once')
        .addOption(
          new Option('--role <role>', 'as whom').choices(['admin', 'publisher']).makeOptionMandatory(),
        )
        .option('--publisher <id>', 'which publisher, of the role publisher')
        .requiredOption('--label <text>', 'whose it is, or what for: it answers for what is done by it')
        .option('--expires <time>', 'when it ends: ISO 8601, on the network’s clock; never if not said')
        .action(add),
    )
    .addCommand(reading(new Command('list')).description('all that were made, newest first').action(list))
    .addCommand(
      reading(new Command('rotate'))
        .description('a new token in place of one, which goes on for a while')
        .argument('<id>', 'as `tokens list` names it')
        .option('--grace <time>', 'for how long', argument(parseDuration), 86_400_000)
        .action(rotate),
    )
    .addCommand(
      reading(new Command('revoke'))
        .description('ends a token at once, and the sessions that were opened by it')
        .argument('<id>', 'as `tokens list` names it')
        .action(revoke),
    );
}

interface AddOptions extends ReadingOptions {
  readonly role: TokenView['role'];
  readonly publisher?: string;
  readonly label: string;
  readonly expires?: string;
}

async function add(options: AddOptions, command: Command): Promise<void> {
  const holder = holderOf(options);
  if (holder === null)
    return command.error('error: --publisher is wanted with --role publisher, and with no other', {
      exitCode: exit.wrongUsage,
    });
  const config = await loadedConfig(options);
  if (!config) return;
  const expiresAt = options.expires === undefined ? null : timeOption(options.expires, config);
  const now = new Date();
  const label = options.label.trim();
  const wrong = !/^[^\p{Cc}]{1,100}$/u.test(label)
    ? 'a label is one line of 1 to 100 characters'
    : expiresAt !== null && expiresAt <= now
      ? 'it would have expired already'
      : null;
  if (wrong !== null) {
    refuse(wrong);
    return;
  }
  const { addToken } = await import('../records/api/tokens.ts');
  const made = await withRecords(config, async (db) =>
    (await isKnown(db, holder, config)) ? addToken(db, { holder, label, expiresAt, now }) : 'unknown',
  );
  if (made === 'unknown') refuse(`there is no publisher ${holder.publisher ?? ''}`);
  else if (made) tell(made, options.json);
}

async function list(options: ReadingOptions): Promise<void> {
  const config = await loadedConfig(options);
  if (!config) return;
  const { listTokens } = await import('../records/api/tokens.ts');
  const tokens = await withRecords(config, (db) => listTokens(db, new Date()));
  if (!tokens) return;
  if (options.json === true) printJson(tokens);
  else if (tokens.length === 0) process.stdout.write('no token was made\n');
  else
    printTable(
      ['token', 'role', 'publisher', 'label', 'state', 'expires', 'last used'],
      tokens.map((one) => [
        ...[one.id, one.role, one.publisher, one.label, one.state, one.expires_at, one.last_used_at],
      ]),
    );
}

async function rotate(id: string, options: ReadingOptions & { readonly grace: number }): Promise<void> {
  const config = await loadedConfig(options);
  if (!config) return;
  const { rotateToken } = await import('../records/api/tokens.ts');
  const { grace } = options;
  const rotated = await withRecords(config, (db) => rotateToken(db, { id, grace, now: new Date() }));
  if (!rotated) return;
  if (!rotated.ok) {
    if (options.json === true) printJson(rotated);
    refuse(rotated.message);
    return;
  }
  tell(rotated, options.json, { old_until: rotated.oldUntil });
  if (options.json !== true) process.stdout.write(`the old one goes on until ${rotated.oldUntil}\n`);
}

async function revoke(id: string, options: ReadingOptions): Promise<void> {
  const config = await loadedConfig(options);
  if (!config) return;
  const { revokeToken } = await import('../records/api/tokens.ts');
  const found = await withRecords(config, async (db) => ({
    revoked: await revokeToken(db, { id, now: new Date() }),
  }));
  if (!found) return;
  if (found.revoked === null) refuse(`there is no token ${id}`, '`tollbridge tokens list` names them');
  else if (options.json === true) printJson(found.revoked);
  else process.stdout.write(`token ${id} is revoked\n`);
}

/** Null where role and publisher do not go together. */
function holderOf({ role, publisher }: AddOptions): TokenHolder | null {
  if (role === 'admin') return publisher === undefined ? { role, publisher: null } : null;
  return publisher === undefined ? null : { role, publisher };
}

async function isKnown(
  db: Parameters<Parameters<typeof withRecords>[1]>[0],
  { publisher }: TokenHolder,
  config: Config,
): Promise<boolean> {
  if (publisher === null) return true;
  const { showPublisher } = await import('../publishers/list-publishers.ts');
  return (await showPublisher(db, config, publisher)) !== null;
}

/** The token alone on standard output, so that a script can take it; nowhere else is it told. */
function tell({ token, view }: NewToken, json: boolean | undefined, more: object = {}): void {
  if (json === true) printJson({ token, ...view, ...more });
  else {
    process.stdout.write(`${token}\n`);
    process.stderr.write(`${view.id} for ${view.publisher ?? view.role}: keep it, it is told once\n`);
  }
}
