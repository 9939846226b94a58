/** What was earned, by whom: reports, payouts and statements. A publisher sees what it earned, and nothing of the rest. */
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { PayoutsQuery, PayoutsView } from '../../records/list-payouts.ts';
import { reportKeys, type ReportKey } from '../../records/reports/keys.ts';
import { reportView } from '../../records/reports/report-view.ts';
import type { Report, ReportQuery } from '../../records/reports/report.ts';
import { networkOnly, publishersToo } from '../access.ts';
import type { Api } from '../api.ts';
import { refuseWith, type Problem } from '../problem.ts';
import { answers, short } from '../schemas.ts';
import { earnings, payouts, publisherFigures, reportFigures } from '../views.ts';
import { notTheirs, publisherAsked } from './askers.ts';
import { earningsOf, publisherFigures as forPublisher } from './publisher-views.ts';

interface MoneyRoutes {
  readonly report: (query: ReportQuery) => Promise<Report>;
  readonly listPayouts: (query: PayoutsQuery) => Promise<PayoutsView>;
  readonly network: () => { readonly timezone: string };
}

export function moneyRoutes(api: Api, { report, listPayouts, network }: MoneyRoutes): void {
  api.get('/report', { config: publishersToo, schema: reporting }, async ({ query, asker }, reply) => {
    const { from, to, publisher, by: words, ...others } = query;
    const whose = publisherAsked(asker, publisher);
    if (whose === null) return refuseWith(reply, notTheirs);
    const isPublisher = asker.kind === 'publisher';
    const by = keysOf(words);
    if (by === null || (isPublisher && (by.includes('buyer') || others.buyer !== undefined)))
      return refuseWith(reply, notReportedBy(isPublisher));
    const { timezone } = network();
    const time = spanOf({ from, to }, timezone);
    if (time === null) return refuseWith(reply, badTime);
    const { campaign, source, buyer, state } = others;
    const asked: ReportQuery = {
      ...{ by, timezone, ...time, ...whose },
      ...(campaign !== undefined && { campaign }),
      ...(source !== undefined && { source }),
      ...(buyer !== undefined && { buyer }),
      ...(state !== undefined && { state }),
    };
    const found = await report(asked);
    return isPublisher ? reportView(found, asked, forPublisher) : reportView(found, asked);
  });

  api.get('/payouts', { config: networkOnly, schema: paying }, async ({ query }, reply) => {
    const time = spanOf(query, network().timezone);
    return time === null ? refuseWith(reply, badTime) : listPayouts(time);
  });

  api.get('/earnings', { config: publishersToo, schema: earning }, async ({ query, asker }, reply) => {
    const whose = publisherAsked(asker, query.publisher);
    const time = spanOf(query, network().timezone);
    if (whose === null || time === null) return refuseWith(reply, whose === null ? notTheirs : badTime);
    const { currencies } = await listPayouts({ ...time, ...whose });
    return { items: earningsOf(currencies) };
  });
}

/** Null where a word is none of them, or comes twice. */
function keysOf(text: string): readonly ReportKey[] | null {
  const keys = text.split(',').flatMap((word) => reportKeys.find((key) => key === word) ?? []);
  return keys.length === text.split(',').length && new Set(keys).size === keys.length ? keys : null;
}

interface Span {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Null where one is no time. Without an offset they are on the network's clock. */
function spanOf({ from, to }: Span, zone: string): { readonly from?: Date; readonly to?: Date } | null {
  const [first, last] = [from, to].map((text) =>
    text === undefined ? undefined : DateTime.fromISO(text, { zone }),
  );
  if (first?.isValid === false || last?.isValid === false) return null;
  return { ...(first && { from: first.toJSDate() }), ...(last && { to: last.toJSDate() }) };
}

const badTime: Problem = {
  status: 400,
  reason: 'bad_request',
  detail: 'a time is ISO 8601: 2026-03-01, 2026-03-01T08:00, 2026-03-01T08:00-05:00',
};

const notReportedBy = (isPublisher: boolean): Problem => {
  const keys = reportKeys.filter((key) => !isPublisher || key !== 'buyer');
  return { status: 400, reason: 'bad_request', detail: `by is one or more of ${keys.join(', ')}, once each` };
};

const tags = ['money'];
const onTheClock = short.describe('ISO 8601; without an offset, on the network’s clock');
const span = { from: onTheClock.optional(), to: onTheClock.optional() };

const keyed = {
  ...Object.fromEntries(reportKeys.map((key) => [key, z.union([z.string(), z.int()]).nullish()])),
};
const reported = (figures: typeof reportFigures | typeof publisherFigures) =>
  z.object({
    by: z.array(z.enum(reportKeys)),
    ...{ from: z.string().nullable(), to: z.string().nullable(), timezone: z.string() },
    rows: z.array(figures.extend(keyed)),
    totals: z.array(figures),
  });
const reporting = {
  ...{ operationId: 'report', summary: 'Calls and money over a time', tags },
  querystring: z.strictObject({
    by: short.describe(`One or more of ${reportKeys.join(', ')}: day,campaign`),
    ...span,
    ...{ campaign: short.optional(), publisher: short.optional(), source: short.optional() },
    ...{ buyer: short.optional().describe('For the network'), state: short.optional() },
  }),
  ...answers({ 200: z.union([reported(reportFigures), reported(publisherFigures)]) }),
};

const paying = {
  ...{ operationId: 'listPayouts', summary: 'Who owes whom, by publisher and by buyer', tags },
  querystring: z.strictObject(span),
  ...answers({ 200: z.object({ currencies: z.array(payouts) }) }),
};

const earning = {
  ...{ operationId: 'listEarnings', summary: 'What publishers are owed', tags },
  querystring: z.strictObject({ ...span, publisher: short.optional() }),
  ...answers({ 200: z.object({ items: z.array(earnings) }) }),
};
