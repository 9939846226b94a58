/** `tollbridge diff OLD NEW --replay FROM..TO`: what would have moved, had the new config stood then. */
import { Option } from 'commander';
import type { Config } from '../config/config.ts';
import { bad, good, type Parsed } from '../config/values/parsed.ts';
import type { Change, Comparison, Totals } from '../replay/compare.ts';
import { formatMoney } from '../settlement/money.ts';
import { printTable } from './context.ts';
import { parseTime, withRecords } from './with-records.ts';

/** From `from`, before `to`. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

export const replayOption = (): Option =>
  new Option(
    '--replay <from..to>',
    'decide the recorded calls of that time again under both: 2026-03-01..2026-03-08',
  );

/** What a replay cannot know, and what it takes in its place. */
export const assumptions: readonly string[] = [
  'A buyer that a call did try takes it as it did then: the same answer, the same ringing, the same talk.',
  "Any other takes it as it took one of its own calls of that time, drawn by the call's id; a buyer without calls, as one of the campaign's buyers did.",
  'What was reported of a call is reported again where it comes to the buyer of the record; of any other nothing is. What was disputed or adjusted stands beside both sides.',
  'Callers press the same keys, and wait as long as they did; who was answered would have waited for any buyer.',
  'What happened before that time counts towards caps, repeat callers and duplicates as it did; from then on each config counts its own.',
  'A number that the config gives to nobody is whose it was when the call came.',
  'Every trunk is up and under its calls-per-second limit. A bidder bids what it bid for this call, else the mean of its bids; who never bid does not.',
];

/** ISO 8601 on both sides; without an offset, on the network's clock. */
export function parseSpan(text: string, zone: string): Parsed<Span> {
  const [first = '', second = '', ...more] = text.split('..');
  if (first === '' || second === '' || more.length > 0) return bad(`"${text}" is no span`, 'FROM..TO');
  const from = parseTime(first, zone);
  if (!from.ok) return from;
  const to = parseTime(second, zone);
  if (!to.ok) return to;
  return from.value < to.value
    ? good({ from: from.value, to: to.value })
    : bad(`"${text}" ends before it begins`, 'FROM..TO');
}

/** Null: the records cannot be read, and that was told. They are those of the new config's data. */
export async function replaySpan(before: Config, after: Config, span: Span): Promise<Comparison | null> {
  const { replayBoth: both } = await import('../replay/replay-both.ts');
  return withRecords(after, (db) => both(db, before, after, span));
}

/** Money as decimal text. */
export function replayAsJson(comparison: Comparison, { terms }: Config) {
  const money = (amount: bigint) => formatMoney(amount, terms.minorDigits);
  const totals = ({ connected, revenue, payout }: Totals) => ({
    connected,
    revenue: money(revenue),
    payout: money(payout),
    margin: money(revenue - payout),
  });
  const side = (name: string, { calls, amount }: Change['before']) => ({ calls, [name]: money(amount) });
  const changes = (name: 'revenue' | 'payout', all: readonly Change[]) =>
    all.map(({ id, before, after }) => ({ id, before: side(name, before), after: side(name, after) }));
  return {
    calls: comparison.calls,
    not_routed: comparison.notRouted,
    as_recorded: comparison.asRecorded,
    drawn: comparison.drawn,
    recorded: totals(comparison.recorded),
    before: totals(comparison.before),
    after: totals(comparison.after),
    moves: comparison.moves,
    buyers: changes('revenue', comparison.buyers),
    publishers: changes('payout', comparison.publishers),
    assumptions,
  };
}

export function printReplay(comparison: Comparison, { terms, currency }: Config): void {
  const { calls, notRouted, asRecorded, drawn, recorded, before, after, moves } = comparison;
  const money = (amount: bigint) => formatMoney(amount, terms.minorDigits);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const routed = calls - notRouted;
  say(`${counted(calls)} recorded; for ${routed} of them a buyer was looked for`);
  if (routed === 0) return;
  say(`the old config comes to the buyer of the record for ${asRecorded} of ${routed}`);
  const row = (name: string, { connected, revenue, payout }: Totals) => [
    ...[name, connected, money(revenue), money(payout), money(revenue - payout)],
  ];
  printTable(
    ['', 'connected', `revenue ${currency}`, 'payout', 'margin'],
    [row('as recorded', recorded), row('old, replayed', before), row('new, replayed', after)],
  );
  const moved = moves.reduce((sum, move) => sum + move.calls, 0);
  say(moved === 0 ? 'no call would have moved' : `${counted(moved)} would have moved:`);
  if (moved > 0) {
    const name = (buyer: string | null) => buyer ?? 'no buyer';
    printTable(
      ['from', 'to', 'calls'],
      moves.map((move) => [name(move.from), name(move.to), move.calls]),
    );
  }
  printChanges('buyer', 'revenue', comparison.buyers, money);
  printChanges('publisher', 'payout', comparison.publishers, money);
  say(`assumed (of the new config's calls ${drawn} rest on a draw):`);
  for (const assumption of assumptions) say(`  ${assumption}`);
}

function printChanges(
  who: string,
  what: string,
  changes: readonly Change[],
  money: (amount: bigint) => string,
): void {
  if (changes.length === 0) return;
  printTable(
    [who, 'calls before', 'after', `${what} before`, 'after', 'difference'],
    changes.map(({ id, before, after }) => [
      ...[id, before.calls, after.calls, money(before.amount), money(after.amount)],
      signed(after.amount - before.amount, money),
    ]),
  );
}

const counted = (calls: number): string => `${calls} ${calls === 1 ? 'call' : 'calls'}`;

const signed = (amount: bigint, money: (amount: bigint) => string): string =>
  amount > 0n ? `+${money(amount)}` : money(amount);
