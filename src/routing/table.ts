/**
 * A network made ready for many calls. Made once for each config, frozen, swapped as a whole; a call keeps the table
 * it began with.
 */
import { Compiler, type CompiledCampaign } from './compiled.ts';
import { limitsOfPublisher, type Limited } from './limits.ts';
import type { Buyer, Campaign, Network } from './network.ts';
import { NumberIndex } from './number-index.ts';

export interface RoutingTable {
  readonly network: Network;
  /** The network's own, for numbers without a country code and for `call.hour`. */
  readonly country: string;
  readonly timezone: string;
  readonly campaigns: ReadonlyMap<string, CompiledCampaign>;
  readonly publishers: ReadonlyMap<string, Limited>;
  /** By E.164; null where the number is not ours. */
  number(e164: string): NumberEntry | null;
}

/** Whom a call to a tracking number belongs to. One object for all numbers of the same owner. */
export interface NumberEntry {
  readonly campaign: Campaign;
  readonly publisher: string;
  readonly source: string | null;
}

/** When to pause: whoever compiles beside live calls lends the clock and the scheduler. */
export interface Slices {
  /** Milliseconds of work between two pauses. */
  readonly budgetMs: number;
  /** Milliseconds, on any clock that does not go back. */
  now(): number;
  /** Lets others work; resolves when it is our turn again. */
  yield(): Promise<void>;
}

/** Throws where a route names a buyer or trunk that the network lacks: the config's checks let none through. */
export function compile(network: Network): RoutingTable {
  const work = compiling(network);
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** The same table, made in slices so that calls go on meanwhile. */
export async function compileInSlices(network: Network, slices: Slices): Promise<RoutingTable> {
  const work = compiling(network);
  let until = slices.now() + slices.budgetMs;
  let step = work.next();
  while (!step.done) {
    if (slices.now() >= until) {
      await slices.yield();
      until = slices.now() + slices.budgetMs;
    }
    step = work.next();
  }
  return step.value;
}

/** Who is asked for a bid before a call of this campaign is decided; paused buyers are not. */
export function bidders(table: RoutingTable, campaign: Campaign): readonly Buyer[] {
  return table.campaigns.get(campaign.id)?.bidders ?? [];
}

/** Few enough that a step stays far below a millisecond. */
const numbersAStep = 500;

/** Yields between steps of well under a millisecond. */
function* compiling(network: Network): Generator<void, RoutingTable> {
  const compiler = new Compiler(network);
  const campaigns = new Map<string, CompiledCampaign>();
  for (const campaign of network.campaigns.values()) {
    campaigns.set(campaign.id, yield* compiler.campaign(campaign));
    yield;
  }
  const publishers = new Map<string, Limited>();
  for (const publisher of network.publishers.values()) {
    publishers.set(publisher.id, limitsOfPublisher(publisher));
  }
  yield;
  const numbers = yield* indexNumbers(network);
  const entryOf = entries(numbers.owners, network);

  return Object.freeze({
    network,
    country: network.country,
    timezone: network.timezone,
    campaigns,
    publishers,
    number: (e164: string) => entryOf(numbers.ownerOf(e164)),
  });
}

/** Made when first asked for: of tens of thousands of owners, few have a call in the life of a table. */
function entries(
  owners: NumberIndex['owners'],
  { campaigns }: Network,
): (owner: number) => NumberEntry | null {
  const made = new Array<NumberEntry | undefined>(owners.count);
  return (id) => {
    const present = made[id];
    if (present !== undefined) return present;
    const owner = owners.at(id);
    const campaign = owner && campaigns.get(owner.campaign);
    return owner && campaign ? (made[id] = Object.freeze({ ...owner, campaign })) : null;
  };
}

function* indexNumbers({ numbers }: Network): Generator<void, NumberIndex> {
  if (numbers instanceof NumberIndex) return numbers;
  const index = new NumberIndex(numbers.size);
  let done = 0;
  for (const [number, tracked] of numbers) {
    index.set(number, tracked);
    if (++done % numbersAStep === 0) yield;
  }
  return index;
}
