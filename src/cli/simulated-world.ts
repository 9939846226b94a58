/** The world of a call that could be: nothing has happened, except what was said on the command line. */
import { parseDuration } from '../config/values/duration.ts';
import { offer } from '../config/values/nearest.ts';
import { bad, good } from '../config/values/parsed.ts';
import type { Parsed } from '../config/values/parsed.ts';
import { parseInteger } from '../config/values/scalars.ts';
import type { Network } from '../routing/network.ts';
import type { World } from '../routing/plan.ts';
import { parseMoney } from '../settlement/money.ts';

/** `NAME=VALUE` as written; what the names may be is known once the config is. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
}

export interface Supposed {
  readonly live: readonly Assignment[];
  readonly count: readonly Assignment[];
  readonly offered: readonly Assignment[];
  readonly seen: readonly Assignment[];
  readonly down: readonly string[];
  readonly seed: number;
}

export function parseAssignment(text: string): Parsed<Assignment> {
  const split = text.indexOf('=');
  if (split < 1) return bad(`"${text}" assigns nothing`, 'NAME=VALUE');
  return good({ name: text.slice(0, split), value: text.slice(split + 1) });
}

/** Fails where it speaks of a buyer, trunk or counter that there is none of. */
export function worldOf(supposed: Supposed, network: Network, now: number): Parsed<World> {
  const live = figures(supposed.live, network, (text) => parseInteger(0)(text));
  if (!live.ok) return live;
  const counts = countsOf(supposed.count, network);
  if (!counts.ok) return counts;
  const offered = figures(supposed.offered, network, parseDuration);
  if (!offered.ok) return offered;
  const seen = figures(supposed.seen, network, parseDuration);
  if (!seen.ok) return seen;
  const trunks = [...network.trunks.keys()];
  const strange = supposed.down.find((trunk) => !trunks.includes(trunk));
  if (strange !== undefined)
    return bad(`there is no trunk "${strange}"`, offer(strange, trunks, 'the config has none'));

  const before = (ago: number | undefined): number | null => (ago === undefined ? null : now - ago);
  return good({
    now,
    dice: seededDice(supposed.seed),
    liveCalls: (buyer) => live.value.get(buyer) ?? 0,
    counted: (buyer, count, per) => counts.value.get(`${buyer}.${count}.${per}`) ?? 0,
    trunkUp: (trunk) => !supposed.down.includes(trunk),
    lastOffered: (buyer) => before(offered.value.get(buyer)),
    callerSeen: (_caller, _campaign, buyer) => before(seen.value.get(buyer)),
  });
}

function figures(
  assignments: readonly Assignment[],
  network: Network,
  parse: (text: string) => Parsed<number>,
): Parsed<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { name, value } of assignments) {
    const known = knownBuyer(name, network);
    if (!known.ok) return known;
    const figure = parse(value);
    if (!figure.ok) return figure;
    found.set(name, figure.value);
  }
  return good(found);
}

/** `BUYER.COUNT.PERIOD`; revenue is an amount of money, the others are calls. */
function countsOf(assignments: readonly Assignment[], network: Network): Parsed<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { name, value } of assignments) {
    const [buyer = '', count = '', per = ''] = name.split('.');
    const known = knownBuyer(buyer, network);
    if (!known.ok) return known;
    if (!counters.includes(count)) return bad(`"${name}" names no counter`, offer(count, counters, ''));
    if (!periods.includes(per)) return bad(`"${name}" names no period`, offer(per, periods, ''));
    const figure = count === 'revenue' ? amount(value) : parseInteger(0)(value);
    if (!figure.ok) return figure;
    found.set(`${buyer}.${count}.${per}`, figure.value);
  }
  return good(found);
}

const counters: readonly string[] = ['attempted', 'connected', 'converted', 'revenue'];
const periods: readonly string[] = ['hour', 'day', 'week', 'month', 'ever'];

function knownBuyer(name: string, { buyers }: Network): Parsed<string> {
  if (buyers.has(name)) return good(name);
  return bad(`there is no buyer "${name}"`, offer(name, [...buyers.keys()], 'the config has none'));
}

function amount(text: string): Parsed<number> {
  const money = parseMoney(text);
  return money === null
    ? bad(`"${text}" is not an amount of money`, 'decimal text: 45.00')
    : good(Number(money));
}

/** Mulberry32: the same seed throws the same dice, on every machine. */
export function seededDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
