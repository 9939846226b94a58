/** Tracking numbers and the campaigns that they lead to. */
import { z } from 'zod';
import type { Publishers } from '../../publishers/publishers.ts';
import type { CampaignView, NumberView, OfferedCampaign } from '../../publishers/views.ts';
import { networkOnly, publishersToo } from '../access.ts';
import type { Api } from '../api.ts';
import type { Asker } from '../bearer.ts';
import { pageOfAll } from '../paging.ts';
import { badCursor, refuseWith } from '../problem.ts';
import { answers, byId, listOf, name, pageOf, short } from '../schemas.ts';
import { application, campaign, holding, number, numberStates, offeredCampaign } from '../views.ts';
import { notTheirs, publisherAsked, whoPublishes } from './askers.ts';
import { decision, numberChoice, paged, pageQuery, positions, refusalOf, wanted } from './publishing.ts';

export function numberRoutes(api: Api, publishers: Publishers): void {
  api.get('/numbers', { config: publishersToo, schema: listing }, async ({ query, asker }, reply) => {
    const whose = publisherAsked(asker, query.publisher);
    if (whose === null) return refuseWith(reply, notTheirs);
    const asked = pageQuery(query, positions.number);
    if (asked === null) return refuseWith(reply, badCursor);
    const { pool, state, campaign: leadsTo } = query;
    return paged(
      await publishers.listNumbers({
        ...asked,
        ...whose,
        ...(pool !== undefined && { pool }),
        ...(state !== undefined && { state }),
        ...(leadsTo !== undefined && { campaign: leadsTo }),
      }),
    );
  });

  api.get(
    '/numbers/:number',
    { config: publishersToo, schema: showing },
    async ({ params, asker }, reply) => {
      const found = await publishers.showNumber(params.number);
      if (found && isTheirs(asker, found.number)) {
        const { number: view, history } = found;
        return { ...view, history: history.filter((one) => isTheirs(asker, one)) };
      }
      const detail = `there is no number ${params.number}`;
      return refuseWith(reply, { status: 404, reason: 'unknown_number', detail });
    },
  );

  api.post('/numbers/:number/release', { config: networkOnly, schema: releasing }, async (request, reply) => {
    const why = request.body?.why;
    const released = await publishers.release({
      number: request.params.number,
      by: whoPublishes(request.asker),
      ...(why !== undefined && { why }),
    });
    return released.ok ? released.number : refuseWith(reply, refusalOf(released));
  });

  api.post(
    '/applications/:id/numbers',
    { config: networkOnly, schema: assigning },
    async (request, reply) => {
      const { number: asked, use = 'fixed' } = request.body;
      const assigned = await publishers.assign({
        application: request.params.id,
        by: whoPublishes(request.asker),
        number:
          asked === undefined ? { kind: 'any' } : typeof asked === 'string' ? asked : numberChoice(asked),
        use,
      });
      if (!assigned.ok) return refuseWith(reply, refusalOf(assigned));
      const { application: view, number: given, held_from: from } = assigned;
      return reply.code(201).send({ ...view, number: given, held_from: from });
    },
  );

  void api.register((csv, _options, done) => {
    csv.addContentTypeParser(
      'text/csv',
      { parseAs: 'string', bodyLimit: longestImport },
      (_request, text, next) => next(null, text),
    );
    (csv as Api).post(
      '/numbers/import',
      { config: networkOnly, schema: importing },
      async ({ body }, reply) => {
        const imported = await publishers.importNumbers(body);
        if (imported.ok) return reply.code(201).send({ imported: imported.imported });
        return refuseWith(reply, { ...refusalOf(imported), problems: imported.problems });
      },
    );
    done();
  });
}

export function campaignRoutes(api: Api, publishers: Publishers): void {
  api.get(
    '/campaigns',
    { config: publishersToo, schema: listingCampaigns },
    async ({ query, asker }, reply) => {
      const isPublisher = asker.kind === 'publisher';
      const all = isPublisher ? publishers.offeredCampaigns() : await publishers.listCampaigns();
      return (
        pageOfAll<CampaignView | OfferedCampaign>(all, ({ id }) => id, query) ?? refuseWith(reply, badCursor)
      );
    },
  );

  api.get(
    '/campaigns/:id',
    { config: publishersToo, schema: showingCampaign },
    async ({ params, asker }, reply) => {
      const found =
        asker.kind === 'publisher'
          ? publishers.offeredCampaigns().find(({ id }) => id === params.id)
          : await publishers.showCampaign(params.id);
      if (found) return found;
      const detail = `there is no campaign ${params.id}`;
      return refuseWith(reply, { status: 404, reason: 'unknown_campaign', detail });
    },
  );
}

const isTheirs = (asker: Asker, { publisher }: Pick<NumberView, 'publisher'>): boolean =>
  asker.kind !== 'publisher' || publisher === asker.publisher;

/** The most lines that an import may have, at some twenty bytes each. */
const longestImport = 4 * 1024 * 1024;

const tags = ['numbers'];
const byNumber = z.strictObject({ number: short.describe('E.164; the + as %2B') });

const listing = {
  ...{ operationId: 'listNumbers', summary: 'Numbers; to a publisher those that it holds', tags },
  querystring: listOf({
    ...{ pool: short.optional(), state: z.enum(numberStates).optional() },
    ...{ publisher: short.optional(), campaign: short.optional() },
  }),
  ...answers({ 200: pageOf(number) }),
};
const showing = {
  ...{ operationId: 'showNumber', summary: 'A number, and who held it when', tags },
  params: byNumber,
  ...answers({ 200: number.extend({ history: z.array(holding) }) }),
};
const releasing = {
  ...{ operationId: 'releaseNumber', summary: 'Take a number back', tags },
  params: byNumber,
  body: decision,
  ...answers({ 200: number }),
};
const assigning = {
  ...{ operationId: 'assignNumber', summary: 'A further number for what was approved', tags },
  params: byId,
  body: z.strictObject({
    number: z.union([name.describe('This one'), wanted]).optional(),
    use: z.enum(['fixed', 'visitors']).optional(),
  }),
  ...answers({ 201: application.extend({ number: z.string(), held_from: z.string() }) }),
};
const importing = {
  ...{ operationId: 'importNumbers', summary: 'Numbers for pools: all lines, or none', tags },
  consumes: ['text/csv'],
  body: z.string().describe('CSV with the columns number and pool'),
  ...answers({ 201: z.object({ imported: z.int() }) }),
};
const listingCampaigns = {
  ...{ operationId: 'listCampaigns', summary: 'Campaigns', tags: ['campaigns'] },
  querystring: listOf({}),
  ...answers({ 200: pageOf(z.union([campaign, offeredCampaign])) }),
};
const showingCampaign = {
  ...{ operationId: 'showCampaign', summary: 'A campaign', tags: ['campaigns'] },
  params: byId,
  ...answers({ 200: z.union([campaign, offeredCampaign]) }),
};
