/** What a publisher may see: nothing of buyers, of what they pay and of what the network keeps, nor whom a caller is. */
import type { LiveCall } from '../../calls/registry.ts';
import { maskedNumber } from '../../masked-number.ts';
import type { CallView } from '../../records/call-view.ts';
import type { CurrencyPayouts, PublisherPayout } from '../../records/list-payouts.ts';
import type { Figures } from '../../records/reports/figures.ts';

const shownOfCall = [
  ...(['id', 'started_at', 'ringing_at', 'answered_at', 'connected_at', 'ended_at', 'to'] as const),
  ...(['campaign', 'publisher', 'source', 'outcome', 'connected_ms', 'inbound_ms', 'converted'] as const),
  ...(['currency', 'payout', 'payout_reason'] as const),
] as const satisfies readonly (keyof CallView)[];

export type PublisherCall = Pick<CallView, (typeof shownOfCall)[number] | 'from'>;

export const publisherCall = (call: CallView): PublisherCall => ({
  ...picked(call, shownOfCall),
  from: maskedOrNull(call.from),
});

const shownWhileLive = [
  ...(['id', 'to', 'campaign', 'publisher', 'source', 'state', 'since', 'connected_since'] as const),
] as const satisfies readonly (keyof LiveCall)[];

export type PublisherLiveCall = Pick<LiveCall, (typeof shownWhileLive)[number] | 'from'>;

export const publisherLiveCall = (call: LiveCall): PublisherLiveCall => ({
  ...picked(call, shownWhileLive),
  from: maskedOrNull(call.from),
});

const shownOfFigures = ['currency', 'calls', 'connected', 'converted', 'payout', 'asr', 'acd'] as const;
export type PublisherFigures = Pick<Figures, (typeof shownOfFigures)[number]>;
export const publisherFigures = (figures: Figures): PublisherFigures => picked(figures, shownOfFigures);

export type Earnings = PublisherPayout & { readonly currency: string };

/** What each publisher is owed in each currency. */
export const earningsOf = (currencies: readonly CurrencyPayouts[]): readonly Earnings[] =>
  currencies.flatMap(({ currency, publishers }) => publishers.map((one) => ({ currency, ...one })));

const maskedOrNull = (number: string | null) => (number === null ? null : maskedNumber(number));

function picked<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
