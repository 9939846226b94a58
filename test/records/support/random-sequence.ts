/**
 * Calls that crowd where money changes hands differently: a millisecond to either side of a duplicate's window, and of the
 * midnights at which the periods of payout caps begin.
 */
import type { CallRecord } from '../../../src/records/events.ts';
import type { Facts } from '../../../src/settlement/settle.ts';
import type { PayoutCap, PayRule } from '../../../src/settlement/terms.ts';
import type { Dice } from '../../support/dice.ts';
import type { CallToCome } from '../../support/independent-history.ts';
import { publishers, randomFacts, randomTerms, type RandomTerms } from '../../support/random-calls.ts';
import { aCall } from './a-call.ts';

const minute = 60_000;
const day = 1440 * minute;

/** A call as the journal tells it, and as money depends on it. */
export interface Told {
  readonly record: CallRecord;
  readonly facts: Facts;
  readonly terms: RandomTerms;
  readonly coming: CallToCome;
}

export function tablesOf(dice: Dice, count: number): ReadonlyMap<string, RandomTerms> {
  const tables = new Map<string, RandomTerms>();
  // One currency in one database: its minor unit is the same under all terms.
  while (tables.size < count) {
    const terms = randomTerms(dice);
    if (terms.book.minorDigits === 2) tables.set(`table-${tables.size}`, tightlyCapped(dice, terms));
  }
  return tables;
}

/** Every publisher has one cap more, that a few calls fill. */
function tightlyCapped(dice: Dice, terms: RandomTerms): RandomTerms {
  const few = (): PayoutCap => ({
    limit: BigInt(50 + dice.below(950)) * 1_000_000n,
    per: dice.oneOf(['day', 'day', 'week', 'month']),
    campaign: null,
  });
  const capped = publishers.map((publisher) => {
    const caps = terms.book.publishers.get(publisher)?.caps ?? [];
    return [publisher, { publisher, hold: 0, caps: [...caps, few()] }] as const;
  });
  return { ...terms, book: { ...terms.book, publishers: new Map(capped) } };
}

/** Before all rules that a buyer has anyway, one that pays what was reported. */
export function payingReports(dice: Dice, terms: RandomTerms): RandomTerms {
  const reports = (): PayRule => ({
    pays: {
      kind: 'reported',
      name: dice.oneOf(['sale', 'quote']),
      ppm: dice.oneOf([125_000, 1_000_000, 333_333]),
      round: dice.oneOf(['half_even', 'up']),
    },
    when: [],
  });
  const buyers = [...terms.book.buyers].map(
    ([name, buyer]) => [name, { ...buyer, revenue: [reports(), ...buyer.revenue] }] as const,
  );
  return { ...terms, book: { ...terms.book, buyers: new Map(buyers) } };
}

/** Each a neighbour of one before it, of the edge of a period, or of neither. */
export function callsUnder(
  dice: Dice,
  tables: ReadonlyMap<string, RandomTerms>,
  count: number,
): readonly Told[] {
  const told: Told[] = [];
  while (told.length < count) {
    const at = dice.below(tables.size);
    const found = [...tables][at];
    if (found === undefined) throw new Error('no terms to route calls under');
    const [hash, terms] = found;
    const drawn = randomFacts(dice, terms);
    const previous = told[told.length - 1 - dice.below(Math.min(8, told.length))];
    told.push(aTold(dice, hash, terms, drawn, dice.chance(0.5) ? previous : undefined));
  }
  return told;
}

function aTold(dice: Dice, hash: string, terms: RandomTerms, drawn: Facts, near: Told | undefined): Told {
  const caller = dice.oneOf([...callers, null]);
  const facts = {
    ...drawn,
    reported: new Map<string, bigint>(),
    buyer: drawn.connectedMs === null ? null : drawn.buyer,
  };
  const connectedMs = facts.buyer === null ? null : facts.connectedMs;
  const inboundMs = connectedMs === null ? facts.inboundMs : Math.max(facts.inboundMs, connectedMs);
  const lasts = connectedMs ?? inboundMs;
  const slack = dice.oneOf([-1, -1, 0, 0, 1]);
  const instant = near
    ? near.coming.instant + dice.oneOf([-1, 1]) * (dice.oneOf([10 * minute, day, 30 * day]) + slack)
    : dice.oneOf(midnights[terms.book.timezone] ?? [0]) -
      lasts +
      dice.oneOf([slack, slack, dice.below(2 * day) - day]);
  const who = near && dice.chance(0.8) ? near.coming.caller : caller;
  const withWhom = near && dice.chance(0.7) && connectedMs !== null && near.facts.buyer !== null;
  const whole: Facts = {
    ...facts,
    connectedMs,
    inboundMs,
    buyer: withWhom ? near.facts.buyer : facts.buyer,
    endedAt: instant + lasts,
  };
  const { campaign, publisher, buyer, endedAt } = whole;
  const record = recordOf(hash, whole, instant, who);
  return {
    record,
    facts: whole,
    terms,
    coming: { call: record.call, caller: who, instant, endedAt, buyer, campaign, publisher },
  };
}

function recordOf(table: string, facts: Facts, instant: number, from: string | null): CallRecord {
  const { campaign, publisher, buyer, bid, connectedMs, inboundMs, endedAt, attributes } = facts;
  const cause = facts.isAcknowledged ? {} : ({ cause: 'no_ack' } as const);
  const answeredAt = inboundMs === 0 && connectedMs === null ? null : endedAt - inboundMs;
  const startedAt = connectedMs === null ? instant : Math.min(instant, endedAt - inboundMs);
  const record = aCall({
    ...{ from, table, campaign, publisher, buyer, endedAt, answeredAt, startedAt },
    ...cause,
    attributes,
    connectedAt: connectedMs === null ? null : instant,
  });
  if (bid === null) return record;
  return { ...record, attempts: record.attempts.map((attempt) => ({ ...attempt, bid: decimal(bid) })) };
}

export function decimal(microUnits: bigint): string {
  return `${microUnits / 1_000_000n}.${String(microUnits % 1_000_000n).padStart(6, '0')}`;
}

const callers = ['+12145550001', '+12145550002', '+12145550003', '+12145550004'] as const;

/** Midnights of each zone: before and after clocks change, at the beginning of a month, of a week. */
const midnights: Readonly<Record<string, readonly [number, ...number[]]>> = {
  'America/New_York': [Date.UTC(2026, 10, 1, 4), Date.UTC(2026, 10, 2, 5), Date.UTC(2026, 2, 9, 4)],
  'Europe/London': [Date.UTC(2026, 9, 24, 23), Date.UTC(2026, 9, 26), Date.UTC(2026, 10, 1)],
  'Australia/Lord_Howe': [Date.UTC(2026, 9, 3, 13, 30), Date.UTC(2026, 9, 4, 13), Date.UTC(2026, 9, 31, 13)],
  'America/St_Johns': [
    Date.UTC(2026, 10, 1, 2, 30),
    Date.UTC(2026, 10, 2, 3, 30),
    Date.UTC(2026, 2, 9, 2, 30),
  ],
};
