/**
 * Terms that use all that docs/money.md offers, and calls under them. Every time at which something changes under the
 * terms (a condition, a tier, an increment) is remembered, and most calls end at one of them, or 1 ms to either side.
 */
import type { AttributeValue, Condition } from '../../src/conditions/condition.ts';
import type { Facts, Past } from '../../src/settlement/settle.ts';
import type { ByTime, PayoutCap, PayRule, Pays, TermsBook } from '../../src/settlement/terms.ts';
import type { Dice } from './dice.ts';
import type { Round } from './fractions.ts';

export interface RandomTerms {
  readonly book: TermsBook;
  /** Milliseconds. */
  readonly thresholds: readonly number[];
}

export const buyers = ['sunrise', 'helio', 'brightside'] as const;
export const campaigns = ['solar', 'roofing'] as const;
export const publishers = ['clickwise', 'homeleads', 'radio-one'] as const;

const roundings: readonly [Round, ...Round[]] = ['half_even', 'half_up', 'down', 'up'];
const day = 86_400_000;
/** Numbers, texts that are numbers, and texts that only look like some. */
const ages = [
  '17',
  '18',
  18,
  '64',
  65,
  '018',
  '-18',
  '18.0',
  '1e2',
  ' 18',
  '',
  'old',
  '100000000000000000000',
] as const;

export function randomTerms(dice: Dice): RandomTerms {
  const minorDigits = dice.oneOf([0, 2, 2, 2, 3]);
  const draw = new Drawing(dice, minorDigits);
  const oncePerCaller = () => dice.oneOf([null, 600_000, day, 30 * day]);
  const campaignTerms = (campaign: string, once: number | null) => ({
    campaign,
    payout: draw.rules('payout'),
    oncePerCaller: once,
    disputes: { within: null, payout: 'reverse' as const },
  });
  const windows = new Map(campaigns.map((campaign) => [campaign, oncePerCaller()]));
  const windowOf = (campaign: (typeof campaigns)[number]) => windows.get(campaign) ?? null;
  const book: TermsBook = {
    currency: 'USD',
    minorDigits,
    timezone: dice.oneOf(['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'America/St_Johns']),
    hold: 0,
    buyers: new Map(
      buyers.map((buyer) => [
        buyer,
        { buyer, revenue: draw.rules('revenue'), oncePerCaller: oncePerCaller() },
      ]),
    ),
    campaigns: new Map([
      ...campaigns.map((name) => [name, campaignTerms(name, windowOf(name))] as const),
      ['solar/clickwise', campaignTerms('solar', windowOf('solar'))] as const,
    ]),
    publishers: new Map(
      publishers
        .slice(0, 2)
        .map((publisher) => [publisher, { publisher, hold: 0, caps: dice.some(0, 3, () => draw.cap()) }]),
    ),
  };
  return { book, thresholds: draw.thresholds };
}

export function randomFacts(dice: Dice, { book, thresholds }: RandomTerms): Facts {
  const time = (): number => {
    const threshold = thresholds[dice.below(thresholds.length)];
    if (threshold === undefined || dice.chance(0.15)) return dice.below(400_000);
    return Math.max(0, threshold + dice.below(3) - 1);
  };
  const cent = centOf(book.minorDigits);
  return {
    attributes: randomAttributes(dice),
    connectedMs: dice.chance(0.1) ? null : time(),
    inboundMs: dice.chance(0.05) ? 0 : time(),
    isAcknowledged: !dice.chance(0.03),
    buyer: dice.oneOf([...buyers, ...buyers, ...buyers, null]),
    // Finer than the minor unit, and often half of one.
    bid: dice.chance(0.2) ? (BigInt(dice.below(10_000)) * cent) / 2n : null,
    campaign: dice.oneOf(campaigns),
    publisher: dice.oneOf(publishers),
    endedAt: Date.UTC(2026, 2, 1) + dice.below(60 * day),
    reported: new Map(
      (['sale', 'quote'] as const)
        .filter(() => dice.chance(0.4))
        .map((name) => [name, dice.chance(0.2) ? null : BigInt(dice.below(500_000)) * cent]),
    ),
  };
}

/** One that the terms allow: without `once_per_caller` nothing is a duplicate. */
export function randomPast(dice: Dice, facts: Facts, book: TermsBook): Past {
  const campaign = book.campaigns.get(facts.campaign);
  const caps = book.publishers.get(facts.publisher)?.caps ?? [];
  const cent = centOf(book.minorDigits);
  const another = () => ({ call: 'another', before: dice.below(2 * day) - day });
  return {
    billed: book.buyers.get(facts.buyer ?? '')?.oncePerCaller != null && dice.chance(0.2) ? another() : null,
    paid: campaign?.oncePerCaller != null && dice.chance(0.2) ? another() : null,
    // Around the limit, and beyond it where a correction or a lowered limit left it there.
    owed: caps.map(({ limit }) => (dice.chance(0.4) ? 0n : limit - BigInt(dice.below(6_000) - 500) * cent)),
  };
}

function randomAttributes(dice: Dice): Readonly<Record<string, AttributeValue>> {
  const attributes: Record<string, AttributeValue> = {};
  if (dice.chance(0.8)) attributes['caller.state'] = dice.oneOf(['TX', 'OK', 'NM']);
  if (dice.chance(0.8)) attributes['ivr.homeowner'] = dice.oneOf(['yes', 'no']);
  if (dice.chance(0.8)) attributes['ivr.age'] = dice.oneOf<AttributeValue>(ages);
  if (dice.chance(0.9)) attributes['call.hour'] = dice.below(24);
  if (dice.chance(0.5)) attributes['tag.vip'] = dice.oneOf<AttributeValue>([true, false, 'true']);
  // No attribute can pass for a clock or a report.
  if (dice.chance(0.1)) attributes[dice.oneOf(['connected', 'inbound'])] = 3_600_000;
  if (dice.chance(0.1)) attributes['reported.sale'] = 'yes';
  return attributes;
}

function centOf(minorDigits: number): bigint {
  return 10n ** BigInt(6 - minorDigits);
}

class Drawing {
  readonly thresholds: number[] = [];
  private readonly dice: Dice;
  private readonly cent: bigint;

  constructor(dice: Dice, minorDigits: number) {
    this.dice = dice;
    this.cent = centOf(minorDigits);
  }

  rules(side: 'revenue' | 'payout'): PayRule[] {
    return this.dice.some(0, 4, () => ({
      pays: this.pays(side),
      when: this.dice.some(0, 2, () => this.condition(3)),
    }));
  }

  cap(): PayoutCap {
    return {
      limit: this.amount() * 5n,
      per: this.dice.oneOf(['day', 'week', 'month', 'ever']),
      campaign: this.dice.oneOf([null, ...campaigns]),
    };
  }

  private pays(side: 'revenue' | 'payout'): Pays {
    const { dice } = this;
    const of = dice.oneOf(['connected', 'connected', 'inbound']);
    const ppm = dice.oneOf([600_000, 125_000, 1_000_000, 333_333, 500_000, 1, 1_500_000]);
    const round = dice.oneOf(roundings);
    switch (dice.below(5)) {
      case 0:
        return { kind: 'flat', amount: this.amount() };
      case 1:
        if (side === 'payout') return { kind: 'share', ppm, round };
        return { kind: 'reported', name: dice.oneOf(['sale', 'quote']), ppm, round };
      case 2:
        return { kind: 'per_minute', rate: this.rate(), ...this.byTime() };
      case 3:
        return { kind: 'tiers', of, tiers: this.froms().map((from) => ({ from, amount: this.amount() })) };
      default: {
        const froms = [0, ...this.froms().filter((from) => from > 0)];
        return {
          kind: 'rates',
          tiers: froms.map((from) => ({ from, rate: this.rate() })),
          ...this.byTime(),
        };
      }
    }
  }

  private byTime(): ByTime {
    const { dice } = this;
    const first = 1000 * dice.oneOf([1, 6, 30, 60, 7]);
    const then = 1000 * dice.oneOf([1, 6, 60, 13]);
    const increments = dice.below(8);
    this.thresholds.push(first, first + increments * then);
    return {
      of: dice.oneOf(['connected', 'connected', 'inbound']),
      first,
      then,
      round: dice.oneOf(roundings),
    };
  }

  /** In rising order, none of them twice. */
  private froms(): number[] {
    const froms = new Set(this.dice.some(1, 4, () => this.threshold()));
    return [...froms].sort((a, b) => a - b);
  }

  private threshold(): number {
    const ms = 1000 * this.dice.oneOf([0, 1, 12, 30, 60, 90, 120, 300, this.dice.below(400)]);
    this.thresholds.push(ms);
    return ms;
  }

  private amount(): bigint {
    return BigInt(this.dice.below(10_000)) * this.cent;
  }

  /** As fine as money can be, and often such that half a cent comes out. */
  private rate(): bigint {
    return this.dice.chance(0.5)
      ? BigInt(this.dice.below(5_000_000))
      : 12_500n * BigInt(this.dice.below(400));
  }

  private condition(depth: number): Condition {
    const { dice } = this;
    if (depth > 0 && dice.chance(0.3)) {
      const parts = () => dice.some(1, 3, () => this.condition(depth - 1));
      const kind = dice.oneOf(['not', 'any', 'all']);
      return kind === 'not' ? { kind, condition: this.condition(depth - 1) } : { kind, conditions: parts() };
    }
    return this.leaf();
  }

  private leaf(): Condition {
    const { dice } = this;
    const clock = dice.oneOf(['connected', 'connected', 'inbound']);
    switch (dice.below(9)) {
      case 0:
        return {
          kind: 'is',
          attribute: 'caller.state',
          values: dice.some(1, 2, () => dice.oneOf(['TX', 'NM'])),
        };
      case 1:
        return { kind: 'is', attribute: 'ivr.homeowner', values: ['yes'] };
      case 2:
        return {
          kind: 'is',
          attribute: 'tag.vip',
          values: [dice.oneOf<AttributeValue>([true, 'true', false])],
        };
      case 3:
        return { kind: 'is', attribute: `reported.${dice.oneOf(['sale', 'quote'])}`, values: ['yes'] };
      case 4:
        return { kind: 'between', attribute: 'call.hour', from: dice.below(12), to: 12 + dice.below(12) };
      case 5:
        return {
          kind: 'compare',
          attribute: 'ivr.age',
          operator: this.operator(),
          value: dice.oneOf([18, 64]),
        };
      case 6: {
        const from = this.threshold();
        const to = from + this.threshold();
        this.thresholds.push(to);
        return { kind: 'between', attribute: clock, from, to };
      }
      default:
        return { kind: 'compare', attribute: clock, operator: this.operator(), value: this.threshold() };
    }
  }

  private operator(): '>=' | '<=' | '>' | '<' {
    return this.dice.oneOf(['>=', '>=', '<=', '>', '<']);
  }
}
