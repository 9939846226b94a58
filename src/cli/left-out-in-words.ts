import { formatSeconds } from '../conditions/duration.ts';
import type { AttributeValue } from '../conditions/condition.ts';
import type { LeftOut } from '../routing/plan.ts';
import { formatMoney } from '../settlement/money.ts';

type Figure = LeftOut['limit'];

/** Why a buyer was left out, as one would say it. */
export function inWords({ rule, about = '', seen, limit }: LeftOut): string {
  switch (rule) {
    case 'paused':
      return 'is paused';
    case 'trunk_down':
      return `its trunk ${about} is down`;
    case 'accepts':
      return `${about} is ${seen === null ? 'not known' : listed(seen)}, it takes ${listed(limit)}`;
    case 'hours':
      return `closed: it is ${listed(seen)} in ${about}, its hours are ${listed(limit)}`;
    case 'cap':
      return `its cap is full: ${counterInWords(about)} ${listed(seen)} of ${listed(limit)}`;
    case 'concurrency':
      return `busy: ${listed(seen)} live, it takes ${listed(limit)} at once`;
    case 'spacing':
      return `was offered a call ${elapsed(seen)} ago, it wants ${elapsed(limit)} between two`;
    case 'repeat_caller':
      return repeatInWords(about, seen, limit);
  }
}

/** Amounts as decimal text, everything else as it is. */
export function withMoney(left: LeftOut, minorDigits: number): LeftOut {
  if (left.rule !== 'cap' || left.about?.startsWith('revenue.') !== true) return left;
  const text = (figure: Figure): AttributeValue | null =>
    typeof figure === 'number' ? formatMoney(BigInt(figure), minorDigits) : null;
  return { ...left, seen: text(left.seen), limit: text(left.limit) };
}

export function listed(figure: Figure): string {
  if (figure === null) return 'not known';
  if (typeof figure !== 'object') return String(figure);
  const texts = figure.map(String);
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1) ?? ''}`;
}

function counterInWords(about: string): string {
  const [count = '', per = ''] = about.split('.');
  return per === 'ever' ? `${count} in all` : `${count} this ${per}`;
}

function repeatInWords(treat: string, seen: Figure, limit: Figure): string {
  const window = `within ${elapsed(limit)}`;
  if (treat === 'same_buyer') return `this caller belongs to ${listed(seen)} ${window}`;
  return `saw this caller ${elapsed(seen)} ago, not again ${window}`;
}

function elapsed(figure: Figure): string {
  if (typeof figure !== 'number') return listed(figure);
  for (const [unit, milliseconds] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const) {
    if (figure >= milliseconds && figure % milliseconds === 0) return `${figure / milliseconds}${unit}`;
  }
  return formatSeconds(figure);
}
