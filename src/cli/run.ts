/** The command line. A command's file is loaded when it is asked for: `check` needs no database, `calls` no SIP. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { exit } from './context.ts';

const commands: readonly (readonly [name: string, load: () => Promise<Command>])[] = [
  ['serve', async () => (await import('./serve.ts')).serveCommand()],
  ['reload', async () => (await import('./reload.ts')).reloadCommand()],
  ['check', async () => (await import('./check.ts')).checkCommand()],
  ['diff', async () => (await import('./diff.ts')).diffCommand()],
  ['simulate', async () => (await import('./simulate.ts')).simulateCommand()],
  ['call', async () => (await import('./call.ts')).callCommand()],
  ['calls', async () => (await import('./calls.ts')).callsCommand()],
  ['trace', async () => (await import('./trace.ts')).traceCommand()],
  ['publishers', async () => (await import('./publishers.ts')).publishersCommand()],
  ['numbers', async () => (await import('./numbers.ts')).numbersCommand()],
  ['visitors', async () => (await import('./visitors.ts')).visitorsCommand()],
  ['campaigns', async () => (await import('./campaigns.ts')).campaignsCommand()],
  ['payouts', async () => (await import('./payouts.ts')).payoutsCommand()],
  ['conversions', async () => (await import('./conversions.ts')).conversionsCommand()],
  ['disputes', async () => (await import('./disputes.ts')).disputesCommand()],
  ['statements', async () => (await import('./statements.ts')).statementsCommand()],
  ['tokens', async () => (await import('./tokens.ts')).tokensCommand()],
  ['report', async () => (await import('./report.ts')).reportCommand()],
  ['webhooks', async () => (await import('./webhooks.ts')).webhooksCommand()],
  ['journal', async () => (await import('./journal.ts')).journalCommand()],
];

/** Sets the process's exit code; prints what commander has to say. `argv` is the process's own. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('tollbridge')
    .description('A self-hosted SIP switch for pay-per-call networks')
    .version(version())
    // What stands behind a command is that command's: of two that have the same option, the inner one has it.
    .enablePositionalOptions()
    .showHelpAfterError('(--help shows what there is)');
  for (const command of await asked(argv[2])) program.addCommand(command);
  for (const command of family(program)) command.exitOverride();
  try {
    await program.parseAsync(isUnknown(argv[2]) ? argv.slice(0, 3) : [...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What an action throws of this kind, commander has not printed; the rest it has.
    if (error instanceof InvalidArgumentError) process.stderr.write(`error: ${error.message}\n`);
    // Help that was asked for is an answer, help for want of a command is not.
    process.exitCode = error.exitCode === 0 ? exit.done : exit.wrongUsage;
  }
}

/** A word that is no command is wrong usage, though --help may follow: who asks whether it exists is told no. */
function isUnknown(name: string | undefined): boolean {
  return name !== undefined && !/^-|^help$/.test(name) && !commands.some(([known]) => known === name);
}

/** The command named, or all of them, for help and for a suggestion to who misspelt one. */
async function asked(name: string | undefined): Promise<Command[]> {
  if (name === '--version' || name === '-V') return [];
  const named = commands.filter(([known]) => known === name);
  return Promise.all((named.length > 0 ? named : commands).map(([, load]) => load()));
}

function family(command: Command): Command[] {
  return [command, ...command.commands.flatMap(family)];
}

/** Of the package: two folders up in the sources, three in what is compiled from them. */
function version(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
    } catch {
      // Not at this height.
    }
  }
  return 'unknown';
}
