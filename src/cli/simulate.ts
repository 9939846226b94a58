/** `tollbridge simulate`: what would become of a call, and why, without placing it. */
import { Command } from 'commander';
import type { AttributeValue, Attributes } from '../conditions/condition.ts';
import type { Config } from '../config/config.ts';
import { offer } from '../config/values/nearest.ts';
import { bad, good } from '../config/values/parsed.ts';
import type { Parsed } from '../config/values/parsed.ts';
import { parseInteger } from '../config/values/scalars.ts';
import { seededDice } from '../replay/seeded-dice.ts';
import type { Decision, LeftOut } from '../routing/plan.ts';
import type { NumberEntry } from '../routing/table.ts';
import {
  argument,
  configOption,
  gather,
  jsonOption,
  loadedConfig,
  printJson,
  printTable,
} from './context.ts';
import { figureInWords, inWords, withMoney } from './left-out-in-words.ts';
import { asTheSwitchSees, heldEntry, notAsked, worldFrom } from './running-world.ts';
import { parseAssignment, supposing } from './simulated-world.ts';
import type { Assignment, Supposed } from './simulated-world.ts';

interface SimulateOptions extends Partial<Supposed> {
  readonly config?: string;
  readonly to: string;
  readonly from: string;
  readonly at?: string;
  readonly set?: readonly Assignment[];
  readonly seed: number;
  readonly running?: boolean;
  readonly json?: boolean;
}

export function simulateCommand(): Command {
  const several = gather(argument(parseAssignment));
  return new Command('simulate')
    .description('what would become of a call: who would be dialled, who is left out and by which rule')
    .addOption(configOption())
    .requiredOption('--to <number>', 'the number dialled')
    .requiredOption('--from <number>', 'the caller, or "anonymous"')
    .option('--at <time>', "when, in ISO 8601; without an offset, on the network's clock (default: now)")
    .option('--set <attribute=value>', 'what is known of the call: ivr.homeowner=yes (repeatable)', several)
    .option('--running', 'in the world that the running switch sees now, not in one where nothing happened')
    .option(
      '--live <subject=calls>',
      'live calls at a buyer or else: sunrise=5, trunk:sunrise-pbx=5 (repeatable)',
      several,
    )
    .option(
      '--count <counter=value>',
      'what a cap has counted: sunrise.connected.day=40, campaign:solar.revenue.month=900.00 (repeatable)',
      several,
    )
    .option('--offered <buyer=ago>', 'when a buyer was last offered a call: sunrise=3s (repeatable)', several)
    .option('--seen <buyer=ago>', 'when a buyer last saw this caller: sunrise=2d (repeatable)', several)
    .option('--bid <buyer=amount>', 'what a bidder bids for this call: helio=12.50 (repeatable)', several)
    .option('--down <trunk>', 'a trunk that does not answer (repeatable)', gather(String))
    .option('--seed <number>', 'seed of the dice between weights', argument(parseInteger(0)), 1)
    .addOption(jsonOption())
    .action(async (options: SimulateOptions, command: Command) => {
      const config = await loadedConfig(options);
      if (config === null) return;
      const answer = await simulate(config, options);
      if (answer === null) return;
      if (!answer.ok) command.error(`error: ${answer.message}: ${answer.hint}`, { exitCode: 2 });
      else if (options.json === true) printJson(asJson(answer.value));
      else print(answer.value);
    });
}

interface Simulated {
  readonly config: Config;
  readonly to: string;
  readonly from: string | null;
  readonly entry: NumberEntry | null;
  readonly decision: Decision | Paused;
  /** Whether the switch was asked, which knows who holds what the config gives to nobody. */
  readonly isRunning: boolean;
}

/** Refused before a buyer is looked for. */
interface Paused {
  readonly outcome: 'reject';
  readonly reason: 'publisher_paused';
  readonly leftOut: readonly [];
}

/** Not ok: wrong usage. Null: refused, and told so. */
async function simulate(config: Config, options: SimulateOptions): Promise<Parsed<Simulated> | null> {
  const [
    { compile },
    { nothingYet, worldOfFigures },
    { decide },
    { attributesOf, callAttributes, isAnonymous },
    { normalizeNumber },
  ] = await Promise.all([
    import('../routing/table.ts'),
    import('../routing/figures.ts'),
    import('../routing/decide.ts'),
    import('../routing/attributes.ts'),
    import('../routing/number.ts'),
  ]);
  const { network } = config;
  const now = await instant(options.at, network.timezone);
  if (!now.ok) return now;
  const { live = [], count = [], offered = [], seen = [], bid = [], down = [] } = options;
  const supposed = { live, count, offered, seen, bid, down };
  const suppose = supposing(supposed, network);
  if (!suppose.ok) return suppose;
  const set = supposedAttributes(options.set ?? [], callAttributes);
  if (!set.ok) return set;

  const caller = isAnonymous(options.from) ? null : normalizeNumber(options.from, network.country);
  if (caller === null && !isAnonymous(options.from)) {
    return bad(`"${options.from}" is not a telephone number`, 'E.164 (+12145550123), or "anonymous"');
  }
  const to = normalizeNumber(options.to, network.country) ?? options.to;
  const table = compile(network);
  const given = table.number(to);
  const isRunning = options.running === true;
  const of = given === null ? to : { campaign: given.campaign.id, publisher: given.publisher };
  const asked = isRunning ? await asTheSwitchSees(config, { of, caller }) : notAsked;
  if (asked === null) return null;

  const held = given === null ? asked.snapshot?.number : undefined;
  const entry = given ?? heldEntry(table, held);
  const simulated = { config, to, from: caller, entry, isRunning };
  if (entry === null) {
    return good({ ...simulated, decision: { outcome: 'reject', reason: 'unknown_number', leftOut: [] } });
  }
  if (held?.paused === true) {
    return good({ ...simulated, decision: { outcome: 'reject', reason: 'publisher_paused', leftOut: [] } });
  }
  const { campaign, publisher } = entry;
  const nothing = nothingYet(now.value, seededDice(options.seed));
  const found = asked.snapshot === null ? nothing : worldFrom(asked.snapshot, nothing);
  const { country, timezone } = network;
  const { tags = {} } = held ?? {};
  const known = attributesOf({ from: caller, to, country, entry, tags, at: now.value, timezone });
  const call = { campaign, publisher, caller, attributes: { ...known, ...set.value } };
  return good({ ...simulated, decision: decide(table, call, worldOfFigures(suppose.value(found))) });
}

async function instant(text: string | undefined, zone: string): Promise<Parsed<number>> {
  if (text === undefined) return good(Date.now());
  const { DateTime } = await import('luxon');
  const time = DateTime.fromISO(text, { zone });
  return time.isValid
    ? good(time.toMillis())
    : bad(`"${text}" is not a time`, '2026-03-02T09:30, or with an offset: 2026-03-02T09:30-05:00');
}

/** Any attribute of a call may be supposed, in place of what would be known of it: `known`, and what menus and tags set. */
function supposedAttributes(
  assignments: readonly Assignment[],
  known: readonly string[],
): Parsed<Attributes> {
  const supposed: Record<string, AttributeValue> = {};
  for (const { name, value } of assignments) {
    if (!known.includes(name) && !/^(ivr|tag)\.[a-z0-9_]+$/i.test(name)) {
      return bad(`"${name}" is not an attribute`, offer(name, ['ivr.NAME', 'tag.NAME', ...known], ''));
    }
    supposed[name] = value;
  }
  return good(supposed);
}

function asJson({ config, entry, decision }: Simulated) {
  return {
    outcome: decision.outcome,
    reason: decision.outcome === 'reject' ? decision.reason : null,
    campaign: entry?.campaign.id ?? null,
    publisher: entry?.publisher ?? null,
    source: entry?.source ?? null,
    plan: rows(decision).map(([buyer, trunk, dial, priority]) => ({ buyer, trunk, dial, priority })),
    left_out: leftOut(decision, config),
    table: config.hash,
  };
}

function print({ config, to, from, entry, decision, isRunning }: Simulated): void {
  const lines = [`${from ?? 'an anonymous caller'} calls ${to}`];
  if (entry !== null) {
    const source = entry.source === null ? '' : `, source ${entry.source}`;
    lines.push(`campaign ${entry.campaign.id}, publisher ${entry.publisher}${source}; table ${config.hash}`);
  }
  lines.push(decision.outcome === 'dial' ? 'would be dialled, in this order:' : refusals[decision.reason]);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (decision.outcome === 'dial') {
    printTable(
      ['', 'buyer', 'trunk', 'dials', 'priority'],
      rows(decision).map((row, at) => [at + 1, ...row]),
    );
  }
  if (entry === null && !isRunning)
    process.stdout.write('(who was given a number is asked with --running)\n');
  const left = leftOut(decision, config);
  if (left.length === 0) return;
  process.stdout.write('left out:\n');
  printTable(
    ['buyer', 'rule', 'seen', 'limit', 'in words'],
    left.map((one) => [
      one.buyer,
      one.rule,
      figureInWords(one, one.seen),
      figureInWords(one, one.limit),
      inWords(one),
    ]),
  );
}

const refusals: Readonly<Record<Extract<Simulated['decision'], { outcome: 'reject' }>['reason'], string>> = {
  unknown_number: 'would be refused: the number is none of ours',
  publisher_paused: 'would be refused: its publisher is paused',
  blocked: 'would be refused: the campaign blocks this caller',
  repeat_caller: 'would be refused: the campaign takes no repeat callers',
  no_buyer: 'would find no buyer',
};

function rows(
  decision: Simulated['decision'],
): [buyer: string, trunk: string, dial: string, priority: number][] {
  if (decision.outcome !== 'dial') return [];
  return decision.plan.map(({ buyer, trunk, route }) => [buyer.id, trunk.id, buyer.dial, route.priority]);
}

const leftOut = (decision: Simulated['decision'], { terms }: Config): LeftOut[] =>
  decision.leftOut.map((one) => withMoney(one, terms.minorDigits));
