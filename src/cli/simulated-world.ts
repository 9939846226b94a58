/** The world of a call that could be: nothing has happened, or what the switch saw; and on top what was supposed. */
import { parseDuration } from '../config/values/duration.ts';
import { offer } from '../config/values/nearest.ts';
import { bad, good } from '../config/values/parsed.ts';
import type { Parsed } from '../config/values/parsed.ts';
import { parseInteger } from '../config/values/scalars.ts';
import type { Cap, Network, Subject } from '../routing/network.ts';
import type { Figures } from '../routing/figures.ts';
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
  readonly bid: readonly Assignment[];
  readonly down: readonly string[];
}

export function parseAssignment(text: string): Parsed<Assignment> {
  const split = text.indexOf('=');
  if (split < 1) return bad(`"${text}" assigns nothing`, 'NAME=VALUE');
  return good({ name: text.slice(0, split), value: text.slice(split + 1) });
}

/** Nothing has happened, every trunk is up, nobody bids. */
export function nothingYet(now: number, dice: () => number): Figures {
  return {
    now,
    dice,
    live: () => 0,
    counted: () => 0,
    startedThisSecond: () => 0,
    trunkUp: () => true,
    trunkRests: () => null,
    lastOffered: () => null,
    callerSeen: () => null,
    performance: () => ({ attempts: 0, revenue: 0 }),
    bid: () => null,
  };
}

/** Makes of a world the one that is supposed. Fails where that speaks of something that the config has none of. */
export function supposing(supposed: Supposed, network: Network): Parsed<(world: Figures) => Figures> {
  const live = figures(supposed.live, network, parseInteger(0), subjectNamed);
  if (!live.ok) return live;
  const counts = countsOf(supposed.count, network);
  if (!counts.ok) return counts;
  const offered = figures(supposed.offered, network, parseDuration, buyerNamed);
  if (!offered.ok) return offered;
  const seen = figures(supposed.seen, network, parseDuration, buyerNamed);
  if (!seen.ok) return seen;
  const bids = figures(supposed.bid, network, amount, buyerNamed);
  if (!bids.ok) return bids;
  for (const trunk of supposed.down) {
    const known = nameOf('trunk', trunk, network);
    if (!known.ok) return known;
  }

  return good((world) => {
    const ago = (figure: number | undefined) => (figure === undefined ? null : world.now - figure);
    return {
      ...world,
      live: (subject) => live.value.get(subject) ?? world.live(subject),
      counted: (subject, count, per) =>
        counts.value.get(`${subject}.${count}.${per}`) ?? world.counted(subject, count, per),
      trunkUp: (trunk) => !supposed.down.includes(trunk) && world.trunkUp(trunk),
      lastOffered: (buyer) => ago(offered.value.get(buyer)) ?? world.lastOffered(buyer),
      callerSeen: (caller, campaign, buyer, kind) =>
        ago(seen.value.get(buyer)) ?? world.callerSeen(caller, campaign, buyer, kind),
      bid: (buyer) => bids.value.get(buyer) ?? world.bid(buyer),
    };
  });
}

function figures(
  assignments: readonly Assignment[],
  network: Network,
  parse: (text: string) => Parsed<number>,
  named: (name: string, network: Network) => Parsed<string>,
): Parsed<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { name, value } of assignments) {
    const known = named(name, network);
    if (!known.ok) return known;
    const figure = parse(value);
    if (!figure.ok) return figure;
    found.set(known.value, figure.value);
  }
  return good(found);
}

/** `SUBJECT.COUNT.PERIOD`; revenue is an amount of money, the others are calls. */
function countsOf(assignments: readonly Assignment[], network: Network): Parsed<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { name, value } of assignments) {
    const [, of = name, count = '', per = ''] = /^(.*?)(?:\.([^.]*))?(?:\.([^.]*))?$/.exec(name) ?? [];
    const subject = subjectNamed(of, network);
    if (!subject.ok) return subject;
    if (!counters.includes(count)) return bad(`"${name}" names no counter`, offer(count, counters, ''));
    if (!periods.includes(per)) return bad(`"${name}" names no period`, offer(per, periods, ''));
    const counted = capsOf(subject.value, network).map((cap) => `${cap.count}.${cap.per}`);
    if (!counted.includes(`${count}.${per}`)) {
      return bad(`${of} has no cap on ${count}.${per}`, offer(`${count}.${per}`, counted, 'it has none'));
    }
    const figure = count === 'revenue' ? amount(value) : parseInteger(0)(value);
    if (!figure.ok) return figure;
    found.set(`${subject.value}.${count}.${per}`, figure.value);
  }
  return good(found);
}

/** What is counted and has no limit changes nothing: whoever supposes it meant something else. */
function capsOf(subject: Subject, network: Network): readonly Cap[] {
  const [kind, name = ''] = subject.split(/:(.*)/s);
  switch (kind) {
    case 'buyer':
      return network.buyers.get(name)?.caps ?? [];
    case 'campaign':
      return network.campaigns.get(name)?.caps ?? [];
    case 'publisher':
      return network.publishers.get(name)?.caps ?? [];
    case 'route': {
      const [campaign = '', buyer] = name.split('/');
      const routes = network.campaigns.get(campaign)?.routing.routes ?? [];
      return routes.find((route) => route.buyer === buyer)?.caps ?? [];
    }
    default:
      return [];
  }
}

const counters: readonly string[] = ['attempted', 'connected', 'converted', 'revenue'];
const periods: readonly string[] = ['hour', 'day', 'week', 'month', 'ever'];

const buyerNamed = (name: string, network: Network): Parsed<string> => nameOf('buyer', name, network);

/** `sunrise` is a buyer; what else a limit is held on says what it is: `trunk:sunrise-pbx`, `route:solar/sunrise`. */
function subjectNamed(text: string, network: Network): Parsed<Subject> {
  const [kind = '', name] = text.split(/:(.*)/s);
  if (name === undefined) return named('buyer', text, network);
  if (kind === 'route') {
    const [campaign = '', buyer = ''] = name.split('/');
    const known = nameOf('campaign', campaign, network);
    if (!known.ok) return known;
    const routed = nameOf('buyer', buyer, network);
    return routed.ok ? good<Subject>(`route:${campaign}/${buyer}`) : routed;
  }
  const subject = kinds.find((known) => known === kind);
  return subject === undefined
    ? bad(`"${text}" names nothing that has limits`, offer(kind, [...kinds, 'route'], ''))
    : named(subject, name, network);
}

const kinds = ['buyer', 'campaign', 'publisher', 'trunk'] as const;
type Kind = (typeof kinds)[number];

function named(kind: Kind, name: string, network: Network): Parsed<Subject> {
  const known = nameOf(kind, name, network);
  return known.ok ? good<Subject>(`${kind}:${name}`) : known;
}

function nameOf(kind: Kind, name: string, network: Network): Parsed<string> {
  const all = { buyer: 'buyers', campaign: 'campaigns', publisher: 'publishers', trunk: 'trunks' } as const;
  const known = network[all[kind]];
  if (known.has(name)) return good(name);
  return bad(`there is no ${kind} "${name}"`, offer(name, [...known.keys()], 'the config has none'));
}

function amount(text: string): Parsed<number> {
  const money = parseMoney(text);
  return money === null
    ? bad(`"${text}" is not an amount of money`, 'decimal text: 45.00')
    : good(Number(money));
}
