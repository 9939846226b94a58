/** What the API answers, as schemas for its description. Each is held by the compiler to what is really told. */
import { z } from 'zod';
import type { LiveCall } from '../calls/registry.ts';
import type { BuyerStanding } from '../calls/shown/standing.ts';
import type {
  ApplicationView,
  CampaignView,
  HoldingView,
  NumberView,
  PublisherView,
} from '../publishers/views.ts';
import type { CallView } from '../records/call-view.ts';
import type { CurrencyPayouts } from '../records/list-payouts.ts';
import type { DisputeView } from '../records/ledger/list-disputes.ts';
import type { Figures } from '../records/reports/figures.ts';
import type { Today } from '../records/reports/today.ts';
import type { FullStatement } from '../records/statements/show-statement.ts';
import type { StatementView } from '../records/statements/list-statements.ts';
import type {
  Earnings,
  PublisherCall,
  PublisherFigures,
  PublisherLiveCall,
} from './routes/publisher-views.ts';

/** A schema that the compiler holds to what is told: a view that it would not take does not compile. */
const told =
  <View>() =>
  <Schema extends z.ZodType>(
    schema: Schema & (Writable<View> extends z.output<Schema> ? unknown : never),
  ): Schema =>
    schema;

/** Schemas say nothing of readonly. */
type Writable<T> = T extends readonly (infer Item)[]
  ? Writable<Item>[]
  : T extends object
    ? { -readonly [K in keyof T]: Writable<T[K]> }
    : T;

const text = z.string();
const maybe = z.string().nullable();
const time = z.iso.datetime();
const maybeTime = time.nullable();
const money = z.string().describe('Decimal text');
const count = z.int();

/** To a buyer without payout and margin. */
export const worth = { currency: text, revenue: money, payout: money.optional(), margin: money.optional() };

const attribute = z.union([z.string(), z.number(), z.boolean()]);
const planned = { buyer: text, trunk: text, dial: text, priority: z.number(), bid: money.optional() };
const outcome = z.enum(['connected', 'no_buyer', 'abandoned', 'rejected', 'failed']);

export const call = told<CallView>()(
  z.object({
    ...{ id: text, sip_call_id: maybe, started_at: time, ringing_at: maybeTime, answered_at: maybeTime },
    ...{ acknowledged_at: maybeTime, connected_at: maybeTime, bye_at: maybeTime, ended_at: time },
    post_dial_delay_ms: count.nullable(),
    ...{ from: maybe, to: text, carrier: text, campaign: text, publisher: text, source: maybe },
    attributes: z.record(text, attribute),
    ...{ outcome, cause: text, hung_up_by: maybe },
    attempts: z.array(
      z.object({
        ...planned,
        ...{ sip_call_id: maybe, started_at: time, ringing_at: maybeTime, answered_at: maybeTime },
        ...{ acknowledged_at: maybeTime, bye_at: maybeTime, ended_at: time },
        ...{ post_dial_delay_ms: count.nullable(), codec: maybe, result: text, status: count.nullable() },
        reason: maybe,
      }),
    ),
    ...{ buyer: maybe, connected_ms: count, inbound_ms: count, media: maybe, codec: maybe },
    rtp: z.array(
      z.object({
        ...{ leg: count, codec: maybe, packets_sent: count, packets_received: count, packets_lost: count },
        jitter_ms: z.number().nullable(),
      }),
    ),
    ...{ recording: maybe, converted: z.boolean(), currency: maybe, revenue: money, revenue_reason: text },
    ...{ payout: money, payout_reason: text, margin: money },
    plan: z.array(z.object(planned)),
    left_out: z.array(z.looseObject({ buyer: text, rule: text })),
    table: text,
  }),
);

export const publisherCall = told<PublisherCall>()(
  z.object({
    ...{ id: text, started_at: time, ringing_at: maybeTime, answered_at: maybeTime, connected_at: maybeTime },
    ...{ ended_at: time, from: maybe.describe('Masked: +1214***'), to: text, campaign: text },
    ...{ publisher: text, source: maybe, outcome, connected_ms: count, inbound_ms: count },
    ...{ converted: z.boolean(), currency: maybe, payout: money, payout_reason: text },
  }),
);

const live = { id: text, from: maybe, to: text, campaign: text, publisher: text, source: maybe };
const liveTimes = { state: text, since: time, connected_since: maybeTime };
export const liveCall = told<LiveCall>()(z.object({ ...live, ...liveTimes, buyer: maybe }));
export const publisherLiveCall = told<PublisherLiveCall>()(z.object({ ...live, ...liveTimes }));

const parts = { conversions: money, disputes: money, adjustments: money, stated: money, unstated: money };
const owed = {
  ...{ publisher: text, calls: count, connected: count, payable: count, payout: money, held: money },
  ...{ payable_now: money, ...parts },
};
export const earnings = told<Earnings>()(z.object({ currency: text, ...owed }));
export const payouts = told<CurrencyPayouts>()(
  z.object({
    currency: text,
    publishers: z.array(z.object(owed)),
    buyers: z.array(z.object({ buyer: text, calls: count, billable: count, revenue: money, ...parts })),
    ...{ revenue: money, payout: money, margin: money },
  }),
);

const figures = {
  ...{ currency: maybe, calls: count, connected: count, converted: count, payout: money },
  asr: z.number().nullable().describe('Connected of all calls, 0 to 1'),
  acd: z.number().nullable().describe('Mean seconds of the connected calls'),
};
const moreFigures = { revenue: money, margin: money, revenue_per_call: money };
export const reportFigures = told<Figures>()(z.object({ ...figures, ...moreFigures }));
export const publisherFigures = told<PublisherFigures>()(z.object(figures));

export const today = told<Today>()(
  z.object({
    ...{ timezone: text, since: time },
    hours: z.array(z.object({ hour: count, ...figures, ...moreFigures })),
    totals: z.array(reportFigures),
  }),
);

const amountOrCount = z.union([z.number(), z.string()]);
const buyerNow = told<BuyerStanding>()(
  z.object({
    ...{ id: text, name: text, timezone: text },
    closed: z.enum(['paused', 'trunk_down', 'hours', 'cap', 'concurrency']).nullable(),
    ...{ live: count, concurrency: count.nullable() },
    caps: z.array(
      z.object({ count: text, per: text, used: amountOrCount, limit: amountOrCount, share: z.number() }),
    ),
  }),
);
export const buyersNow = z.object({ items: z.array(buyerNow) });

const statementOf = {
  ...{ id: text, publisher: maybe, buyer: maybe, month: text, from: time, to: time, currency: text },
  ...{ total: money, closed_at: time, closed_by: text },
};
const kind = z.enum(['call', 'conversion', 'dispute', 'adjustment']);
export const statement = told<StatementView>()(z.object(statementOf));
export const fullStatement = told<FullStatement>()(
  z.object({
    ...statementOf,
    sums: z.array(z.object({ campaign: maybe, kind, lines: count, amount: money })),
    lines: z.array(
      z.object({
        ...{ entry: text, at: time, kind, reference: maybe, campaign: maybe, call: maybe, number: maybe },
        ...{ source: maybe, connected_ms: count.nullable(), amount: money, corrects: maybe },
        ...{ payable_at: maybeTime, why: maybe, made_by: maybe },
      }),
    ),
  }),
);

export const dispute = told<DisputeView>()(
  z.object({
    ...{ id: text, call: text, buyer: text, campaign: maybe, publisher: maybe.optional() },
    state: z.enum(['open', 'accepted', 'partly', 'refused']),
    ...{ reason: text, opened_at: time, opened_by: text, revenue: money.nullable(), currency: maybe },
    ...{ remains: money.nullable(), decided_at: maybeTime, decided_by: maybe, why: maybe },
  }),
);

export const publisher = told<PublisherView>()(
  z.object({
    ...{
      id: text,
      name: text,
      state: z.enum(['active', 'ended']),
      given: z.boolean(),
      created_at: maybeTime,
    },
  }),
);

export const applicationStates = ['applied', 'approved', 'refused', 'withdrawn', 'paused', 'ended'] as const;
const use = z.enum(['fixed', 'visitors']);
export const application = told<ApplicationView>()(
  z.object({
    ...{ id: text, publisher: text, campaign: text, source: maybe, state: z.enum(applicationStates) },
    ...{ applied_at: time, decided_at: maybeTime, decided_by: maybe, why: maybe },
    numbers: z.array(z.object({ number: text, use, held_from: time })),
  }),
);

export const numberStates = ['free', 'given', 'held', 'resting', 'visitors'] as const;
export const number = told<NumberView>()(
  z.object({
    ...{ number: text, pool: maybe, state: z.enum(numberStates), campaign: maybe, publisher: maybe },
    ...{ source: maybe, application: maybe, paused: z.boolean(), rests_until: maybeTime },
  }),
);
export const holding = told<HoldingView>()(
  z.object({
    ...{ number: text, pool: text, campaign: text, publisher: text, source: maybe, application: text, use },
    ...{ paused: z.boolean(), held_from: time, held_until: maybeTime },
    ...{ released_by: maybe, released_why: maybe },
  }),
);

export const campaign = told<CampaignView>()(
  z.object({
    ...{ id: text, name: text, advertiser: maybe, pool: maybe, publishers: count, waiting: count },
    ...{ approved: count, paused: count, numbers: count, free: count },
  }),
);
/** What publishers are told of what they may apply for. */
export const offeredCampaign = z.object({
  ...{ id: text, name: text },
  open: z.boolean().describe('It has a pool of numbers: who is approved gets one'),
});
