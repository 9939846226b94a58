import { basename } from 'node:path';
import type { Buyer } from '../../routing/network.ts';
import type { BuyerTerms } from '../../settlement/terms.ts';
import type { Config, Webhook } from '../config.ts';
import { all, changesOf, instead, where } from './change.ts';
import type { Change, Teller } from './change.ts';
import { caps, payRules } from './rules.ts';
import { webhookChanges, webhooksFor } from './webhooks.ts';
import { atOnce, conditions, money, ranges, span, week } from './words.ts';

interface BuyerOnTerms extends Buyer {
  readonly terms: BuyerTerms;
  readonly token: string | null;
  readonly webhooks: readonly Webhook[];
}

export function buyerChanges(before: Config, after: Config): Change[] {
  const digits = after.terms.minorDigits;
  const rules = payRules('pays', 'no longer pays', digits);
  return changesOf({
    about: 'buyer',
    before: onTerms(before),
    after: onTerms(after),
    called: ({ name }) => name,
    tell: all<BuyerOnTerms>(
      ({ terms: was }, { terms: is }) => rules(was.revenue, is.revenue),
      instead(({ terms }) => terms.oncePerCaller, 'is billed', once),
      bid(digits),
      instead(({ concurrency }) => concurrency, 'takes', atOnce),
      (was, is) => caps(digits)(was.caps, is.caps),
      where(
        ({ paused }) => paused,
        (paused) => (paused ? 'is paused' : 'takes calls again'),
      ),
      instead(({ hours }) => week(hours), 'is open', String),
      exceptions,
      instead(({ timezone }) => timezone, 'keeps the hours and days of', String),
      instead(({ accepts }) => accepts, 'accepts', conditions),
      instead(({ spacing }) => spacing, 'is offered calls', spaced),
      instead(({ trunk }) => trunk, 'takes calls on the trunk', String),
      instead(({ dial }) => dial, 'is dialled as', String),
      instead(({ whisper }) => whisper, 'hears', whispered),
      instead(({ name }) => name, 'is called', String),
      where(
        ({ token }) => token,
        (token) => (token === null ? 'has no token for the API any more' : 'has another token for the API'),
      ),
      (was, is) => webhookChanges(was.webhooks, is.webhooks),
    ),
    introduce: ({ trunk, terms, bid, accepts }) =>
      [
        `takes calls on the trunk ${trunk}`,
        ...rules([], terms.revenue),
        ...(bid === null ? [] : ['bids for calls']),
        `accepts ${conditions(accepts)}`,
      ].join(', '),
  });
}

function onTerms(config: Config): ReadonlyMap<string, BuyerOnTerms> {
  const { network, terms, tokens } = config;
  return new Map(
    [...network.buyers].map(([id, buyer]) => {
      const none: BuyerTerms = { buyer: id, revenue: [], oncePerCaller: null };
      const token = tokens.get(id) ?? null;
      const webhooks = webhooksFor(config, 'buyer', id);
      return [id, { ...buyer, terms: terms.buyers.get(id) ?? none, token, webhooks }];
    }),
  );
}

export const once = (within: number | null): string =>
  within === null ? 'for every call of a caller' : `once a caller in ${span(within)}`;

const spaced = (spacing: number): string => (spacing === 0 ? 'at any time' : `${span(spacing)} apart`);

const whispered = (file: string | undefined): string =>
  file === undefined ? 'no whisper' : `the whisper ${basename(file)}`;

const bid =
  (digits: number): Teller<Buyer> =>
  ({ bid: was }, { bid: is }) => {
    if (was === null || is === null)
      return was === is ? [] : [is === null ? 'no longer bids' : 'bids for calls'];
    const part = all<typeof is>(
      // A URL may hold a key.
      where(
        ({ url }) => url,
        () => 'is asked for bids at another URL',
      ),
      instead(
        ({ timeout }) => timeout,
        'has',
        (timeout) => `${span(timeout)} to bid`,
      ),
      instead(
        ({ min }) => min,
        'must bid at least',
        (min) => money(min, digits),
      ),
      instead(
        ({ share }) => share,
        'is told',
        (share) => (share === 'hash' ? 'a hash of the number' : 'the number'),
      ),
    );
    return part(was, is);
  };

const exceptions: Teller<Buyer> = ({ hours: was }, { hours: is }) => {
  const [before, after] = [was, is].map((hours) =>
    hours === 'always' ? new Map<string, []>() : hours.except,
  );
  if (before === undefined || after === undefined) return [];
  const dates = [...new Set([...before.keys(), ...after.keys()])].sort();
  return dates.flatMap((date) => {
    const [old, now] = [before.get(date), after.get(date)];
    if (now === undefined) return [`has its usual hours on ${date}`];
    if (old !== undefined && ranges(old) === ranges(now)) return [];
    return [now.length === 0 ? `is closed on ${date}` : `is open ${ranges(now)} on ${date}`];
  });
};
