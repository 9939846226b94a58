/** The records of calls: to the network all of each, to a publisher its own and of them what is its business. */
import { z } from 'zod';
import type { CallView } from '../../records/call-view.ts';
import type { CallsQuery } from '../../records/list-calls.ts';
import { publishersToo } from '../access.ts';
import type { Api } from '../api.ts';
import type { Asker } from '../bearer.ts';
import { cut, positionOf } from '../paging.ts';
import { badCursor, refuseWith } from '../problem.ts';
import { answers, byId, listOf, pageOf, readable, short, time } from '../schemas.ts';
import { call, publisherCall } from '../views.ts';
import { notTheirs, publisherAsked } from './askers.ts';
import { publisherCall as forPublisher } from './publisher-views.ts';

interface CallRoutes {
  readonly listCalls: (query: CallsQuery) => Promise<readonly CallView[]>;
}

export function callRoutes(api: Api, { listCalls }: CallRoutes): void {
  api.get('/calls', { config: publishersToo, schema: listing }, async ({ query, asker }, reply) => {
    const whose = publisherAsked(asker, query.publisher);
    if (whose === null) return refuseWith(reply, notTheirs);
    const after = query.cursor === undefined ? undefined : positionOf(query.cursor, position);
    if (after === null) return refuseWith(reply, badCursor);
    const found = await listCalls({
      ...filtersOf(query, asker),
      ...whose,
      ...(after && { after: { startedAt: new Date(after[0]), id: after[1] } }),
      limit: Number(query.limit) + 1,
    });
    const { items, next } = cut(found, Number(query.limit), ({ started_at, id }) => [started_at, id]);
    return { items: items.map((one) => viewFor(asker, one)), next };
  });

  api.get('/calls/:id', { config: publishersToo, schema: showing }, async ({ params, asker }, reply) => {
    const [found] = await listCalls({ limit: 1, exactly: params.id, ...publisherAsked(asker, undefined) });
    if (found) return viewFor(asker, found);
    const detail = `there is no record of a call ${params.id}`;
    return refuseWith(reply, { status: 404, reason: 'unknown_call', detail });
  });
}

const position = z.tuple([z.iso.datetime(), readable.max(128)]);

const viewFor = (asker: Asker, view: CallView) => (asker.kind === 'publisher' ? forPublisher(view) : view);

const filters = {
  since: time.optional().describe('Calls that began then or later'),
  until: time.optional().describe('Calls that began before'),
  campaign: short.optional(),
  publisher: short.optional(),
  buyer: short.optional().describe('For the network'),
  from: short.optional().describe('E.164; for the network'),
};

type Filters = { readonly [K in keyof typeof filters]?: string | undefined };

/** A publisher learns neither the buyer nor the caller of a call by asking whether one is among them. */
function filtersOf(
  { since, until, campaign, buyer, from }: Filters,
  asker: Asker,
): Omit<CallsQuery, 'limit'> {
  return {
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
    ...(campaign !== undefined && { campaign }),
    ...(asker.kind === 'network' && buyer !== undefined && { buyer }),
    ...(asker.kind === 'network' && from !== undefined && { from }),
  };
}

const tags = ['calls'];

const listing = {
  ...{ operationId: 'listCalls', summary: 'The calls that ended, newest first', tags },
  querystring: listOf(filters),
  ...answers({ 200: pageOf(z.union([call, publisherCall])) }),
};

const showing = {
  ...{ operationId: 'showCall', summary: 'The record of a call', tags },
  params: byId,
  ...answers({ 200: z.union([call, publisherCall]) }),
};
