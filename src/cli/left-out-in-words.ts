import type { NoBidReason } from '../bids/outcome.ts';
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
      return `its trunk ${about} ${seen === 'down' ? 'is down' : listed(seen)}`;
    case 'accepts':
      return `${about} is ${seen === null ? 'not known' : listed(seen)}, it takes ${listed(limit)}`;
    case 'hours':
      return `closed: it is ${listed(seen)} in ${about}, its hours are ${listed(limit)}`;
    case 'cap': {
      const [whose = '', counter] = about.includes(' ') ? about.split(' ') : ['', about];
      const cap = whose === '' ? 'its cap' : `the cap of ${subjectInWords(whose)}`;
      return `${cap} is full: ${counterInWords(counter)} ${listed(seen)} of ${listed(limit)}`;
    }
    case 'concurrency':
      return about === ''
        ? `busy: ${listed(seen)} live, it takes ${listed(limit)} at once`
        : `${subjectInWords(about)} is busy: ${listed(seen)} live of ${listed(limit)}`;
    case 'spacing':
      return about === ''
        ? `was offered a call ${elapsed(seen)} ago, it wants ${elapsed(limit)} between two`
        : `${subjectInWords(about)} was sent ${listed(seen)} in the last second, it takes ${listed(limit)}`;
    case 'repeat_caller':
      return repeatInWords(about, seen, limit);
    case 'bid':
      return bidInWords(seen, limit);
  }
}

/** Amounts of money as decimal text, everything else as it is. */
export function withMoney(left: LeftOut, minorDigits: number): LeftOut {
  const isMoney = left.rule === 'bid' || (left.rule === 'cap' && /(^| )revenue\.\w+$/.test(left.about ?? ''));
  if (!isMoney) return left;
  const text = (figure: Figure): AttributeValue | null => {
    if (typeof figure === 'number') return formatMoney(BigInt(Math.round(figure)), minorDigits);
    return typeof figure === 'string' ? figure : null;
  };
  return { ...left, seen: text(left.seen), limit: text(left.limit) };
}

/** One of the figures of a reason, as a table has it: spans with their units. */
export function figureInWords({ rule, about = '' }: LeftOut, figure: Figure): string {
  const isSpan = rule === 'repeat_caller' || (rule === 'spacing' && about === '');
  return isSpan ? elapsed(figure) : listed(figure);
}

export function listed(figure: Figure): string {
  if (figure === null) return 'not known';
  if (typeof figure !== 'object') return String(figure);
  const texts = figure.map(String);
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1) ?? ''}`;
}

/** `campaign:solar` is the campaign solar; a route is told from its buyer by its campaign. */
function subjectInWords(subject: string): string {
  const [kind = '', name = ''] = subject.split(/:(.*)/s);
  return kind === 'route' ? `its route in ${name.split('/')[0] ?? name}` : `the ${kind} ${name}`;
}

function counterInWords(about = ''): string {
  const [count = '', per = ''] = about.split('.');
  return per === 'ever' ? `${count} in all` : `${count} this ${per}`;
}

/** `seen` is an amount, or the word for why there is none. */
function bidInWords(seen: Figure, min: Figure): string {
  if (seen === null) return 'did not bid';
  if (seen === 'below_min') return `bid less than ${listed(min)}`;
  const why = typeof seen === 'string' ? withoutBid.get(seen) : undefined;
  return why ?? `bid ${listed(seen)}, less than ${listed(min)}`;
}

const noBids: Readonly<Record<Exclude<NoBidReason, 'below_min'>, string>> = {
  timeout: 'did not bid in time',
  refused: 'was asked for a bid and does not want this call',
  malformed: 'answered with a bid that cannot be read',
  too_large: 'answered with more than a bid may be long',
  expired: 'bid, and its bid ran out before its turn came',
  breaker_open: 'was not asked for a bid, after failures in a row',
  failed: 'could not be asked for a bid: no connection, one that broke, or an error status',
};
const withoutBid: ReadonlyMap<string, string> = new Map(Object.entries(noBids));

function repeatInWords(treat: string, seen: Figure, limit: Figure): string {
  const window = `within ${elapsed(limit)}`;
  if (treat === 'same_buyer') return `this caller belongs to ${listed(seen)} ${window}`;
  return `saw this caller ${elapsed(seen)} ago, not again ${window}`;
}

/** In the two largest units that it fills: `2 d 3 h`, `30 d`; under a minute to the millisecond. */
function elapsed(figure: Figure): string {
  if (typeof figure !== 'number') return listed(figure);
  const largest = units.findIndex(([unit, milliseconds]) => unit !== 's' && figure >= milliseconds);
  if (largest === -1) return formatSeconds(figure);
  let rest = figure;
  const parts = units.slice(largest, largest + 2).map(([unit, milliseconds]) => {
    const count = Math.floor(rest / milliseconds);
    rest -= count * milliseconds;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;
