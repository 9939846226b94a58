/** The values of a config as people say them. */
import { describe } from '../../conditions/describe.ts';
import type { Condition } from '../../conditions/condition.ts';
import type { Cap, Hours, TimeRange } from '../../routing/network.ts';
import { formatMoney } from '../../settlement/money.ts';
import type { Money } from '../../settlement/money.ts';
import type { Rounding } from '../../settlement/rounding.ts';
import type { ByTime, Clock, PayoutCap, PayRule } from '../../settlement/terms.ts';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** As the config writes it: `90s`, `30d`. */
export function span(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const [unit, size] = units.find(([, size]) => milliseconds % size === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
export const atOnce = (limit: number | null): string =>
  limit === null ? 'any number of calls at once' : `${counted(limit, 'call')} at once`;
export const aSecond = (limit: number | null): string =>
  limit === null ? 'any number of new calls a second' : `${counted(limit, 'new call')} a second`;
/** `486 or 6xx`. */
export const answers = (stop: readonly number[]): string =>
  listed(
    stop.map((status) => (status < 10 ? `${status}xx` : String(status))),
    'or',
  );
export const orNone = (text: string | null | undefined): string => text ?? 'none';
export const percent = (part: number): string => `${Number((part * 100).toFixed(4))}%`;

export function listed(texts: readonly string[], joint = 'and'): string {
  const last = texts.at(-1) ?? 'nothing';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} ${joint} ${last}`;
}

/** `connected at least 90 s and caller.state is TX`. */
export const conditions = (all: readonly Condition[]): string =>
  all.length === 0 ? 'any call' : all.map(describe).join(' and ');

/** `45.00`, `60% of the revenue`, `1.20 a minute, in 6/6 s`, `5.00 from 30s, 20.00 from 90s`. */
export function paid({ pays }: PayRule, minorDigits: number): string {
  const money = (amount: Money): string => formatMoney(amount, minorDigits);
  switch (pays.kind) {
    case 'flat':
      return money(pays.amount);
    case 'share':
      return `${percent(pays.ppm / 1_000_000)} of the revenue${rounded(pays.round)}`;
    case 'per_minute':
      return `${money(pays.rate)} a minute${byTime(pays)}`;
    case 'tiers': {
      const tiers = pays.tiers.map(({ from, amount }) => `${money(amount)} from ${span(from)}`);
      return `${tiers.join(', ')}${clock(pays.of)}`;
    }
    case 'rates': {
      const tiers = pays.tiers.map(({ from, rate }) => `${money(rate)} a minute from ${span(from)}`);
      return `${tiers.join(', ')}${byTime(pays)}`;
    }
    case 'reported': {
      const part = pays.ppm === 1_000_000 ? '' : `${percent(pays.ppm / 1_000_000)} of `;
      return `${part}what it reports as ${pays.name}${rounded(pays.round)}`;
    }
  }
}

function byTime({ of, first, then, round }: ByTime): string {
  const usual = first === 1_000 && then === 1_000;
  return `${usual ? '' : `, in ${first / 1_000}/${then / 1_000} s`}${clock(of)}${rounded(round)}`;
}

const clock = (of: Clock): string => (of === 'connected' ? '' : ' of inbound time');

const rounded = (round: Rounding): string => (round === 'half_even' ? '' : `, rounded ${inWords[round]}`);

const inWords: Readonly<Record<Rounding, string>> = {
  half_even: 'half to even',
  half_up: 'half up',
  down: 'down',
  up: 'up',
};

/** `5000.00 a month in solar`. */
export function payoutCap({ limit, per, campaign }: PayoutCap, minorDigits: number): string {
  const every = per === 'ever' ? 'ever' : `a ${per}`;
  return `${formatMoney(limit, minorDigits)} ${every}${campaign === null ? '' : ` in ${campaign}`}`;
}

/** Caps hold money as a number of micro-units. */
export const money = (micros: number, minorDigits: number): string =>
  formatMoney(BigInt(micros) satisfies Money, minorDigits);

/** `40 connected calls a day`, `a revenue of 20000.00 a month`. */
export function cap({ count, limit, per }: Cap, minorDigits: number): string {
  const every = per === 'ever' ? 'ever' : `${per === 'hour' ? 'an' : 'a'} ${per}`;
  return count === 'revenue'
    ? `a revenue of ${money(limit, minorDigits)} ${every}`
    : `${limit} ${count} ${limit === 1 ? 'call' : 'calls'} ${every}`;
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `mon-fri 08:00-12:00, 13:00-18:00; sat 10:00-14:00`; exceptions are told for themselves. */
export function week(hours: Hours): string {
  if (hours === 'always') return 'always';
  const texts = days.map((_, index) => ranges(hours.weekly.get(index + 1) ?? []));
  const runs: { first: number; last: number; text: string }[] = [];
  texts.forEach((text, index) => {
    const run = runs.at(-1);
    if (run?.text === text) run.last = index;
    else runs.push({ first: index, last: index, text });
  });
  const open = runs.filter(({ text }) => text !== 'closed');
  const named = open.map(({ first, last, text }) => `${dayNames(first, last)} ${text}`);
  if (named.length === 0) return 'never';
  // What `always` becomes beside exceptions.
  return named.join() === 'mon-sun 00:00-24:00' ? 'always' : named.join('; ');
}

export function ranges(all: readonly TimeRange[]): string {
  return all.length === 0
    ? 'closed'
    : all.map(({ from, to }) => `${timeOfDay(from)}-${timeOfDay(to)}`).join(', ');
}

const dayNames = (first: number, last: number): string =>
  first === last ? (days[first] ?? '') : `${days[first] ?? ''}-${days[last] ?? ''}`;

const timeOfDay = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
