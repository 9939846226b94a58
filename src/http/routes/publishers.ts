/** Publishers and what they apply for: the network decides, a publisher sees and asks for its own. */
import { z } from 'zod';
import type { ToDecide } from '../../publishers/decide.ts';
import type { Publishers } from '../../publishers/publishers.ts';
import { networkOnly, publishersToo } from '../access.ts';
import type { Api } from '../api.ts';
import { badCursor, refuseWith } from '../problem.ts';
import { answers, byId, listOf, name, pageOf, short } from '../schemas.ts';
import { application, applicationStates, publisher } from '../views.ts';
import { notTheirs, publisherAsked, whoPublishes } from './askers.ts';
import { decision, numberChoice, paged, pageQuery, positions, refusalOf, wanted } from './publishing.ts';

export function publisherRoutes(api: Api, publishers: Publishers): void {
  api.get('/publishers', { config: networkOnly, schema: listing }, async ({ query }, reply) => {
    const asked = pageQuery(query, positions.publisher);
    if (asked === null) return refuseWith(reply, badCursor);
    const { state } = query;
    return paged(await publishers.listPublishers({ ...asked, ...(state !== undefined && { state }) }));
  });

  api.post('/publishers', { config: networkOnly, schema: adding }, async ({ body }, reply) => {
    const added = await publishers.addPublisher(body);
    return added.ok ? reply.code(201).send(added.publisher) : refuseWith(reply, refusalOf(added));
  });

  api.get('/publishers/:id', { config: publishersToo, schema: showing }, async ({ params, asker }, reply) => {
    const whose = publisherAsked(asker, params.id);
    const found = whose && (await publishers.showPublisher(params.id));
    return found ?? refuseWith(reply, notTheirs);
  });

  api.post('/publishers/:id/end', { config: networkOnly, schema: ending }, async (request, reply) => {
    const why = request.body?.why;
    const by = whoPublishes(request.asker);
    const ended = await publishers.endPublisher({
      publisher: request.params.id,
      by,
      ...(why !== undefined && { why }),
    });
    if (!ended.ok) return refuseWith(reply, refusalOf(ended));
    return { ...ended.publisher, released: ended.released };
  });
}

export function applicationRoutes(api: Api, publishers: Publishers): void {
  api.get('/applications', { config: publishersToo, schema: listingOf }, async ({ query, asker }, reply) => {
    const { campaign, state } = query;
    const whose = publisherAsked(asker, query.publisher);
    if (whose === null) return refuseWith(reply, notTheirs);
    const asked = pageQuery(query, positions.application);
    if (asked === null) return refuseWith(reply, badCursor);
    return paged(
      await publishers.listApplications({
        ...asked,
        ...whose,
        ...(campaign !== undefined && { campaign }),
        ...(state !== undefined && { state }),
      }),
    );
  });

  api.post('/applications', { config: publishersToo, schema: applying }, async ({ body, asker }, reply) => {
    const whose = publisherAsked(asker, body.publisher);
    if (whose?.publisher === undefined) {
      const detail = 'say which publisher applies';
      return refuseWith(
        reply,
        whose === null ? notTheirs : { status: 422, reason: 'unknown_publisher', detail },
      );
    }
    const { campaign, source = null } = body;
    const applied = await publishers.apply({ publisher: whose.publisher, campaign, source });
    return applied.ok ? reply.code(201).send(applied.application) : refuseWith(reply, refusalOf(applied));
  });

  api.get('/applications/:id', { config: publishersToo, schema: showingOf }, async (request, reply) => {
    const found = await publishers.showApplication(request.params.id, whoPublishes(request.asker));
    const detail = `there is no application ${request.params.id}`;
    return found ?? refuseWith(reply, { status: 404, reason: 'unknown_application', detail });
  });

  api.post(
    '/applications/:id/approve',
    { config: networkOnly, schema: approving },
    async (request, reply) => {
      const { number } = request.body ?? {};
      const approved = await publishers.approve({
        application: request.params.id,
        by: whoPublishes(request.asker),
        ...(number !== undefined && { number: numberChoice(number) }),
      });
      if (!approved.ok) return refuseWith(reply, refusalOf(approved));
      const { application: view, number: given, held_from: from } = approved;
      return { ...view, number: given, held_from: from };
    },
  );

  for (const { word, config, summary, decide } of decisions) {
    const schema = deciding(word, summary);
    api.post(`/applications/:id/${word}`, { config, schema }, async (request, reply) => {
      const why = request.body?.why;
      const decided = await decide(publishers, {
        application: request.params.id,
        by: whoPublishes(request.asker),
        ...(why !== undefined && { why }),
      });
      return decided.ok ? decided.application : refuseWith(reply, refusalOf(decided));
    });
  }
}

type Decide = (publishers: Publishers, asked: ToDecide) => ReturnType<Publishers['withdraw']>;

const decisions: readonly {
  readonly word: string;
  readonly config: typeof networkOnly;
  readonly summary: string;
  readonly decide: Decide;
}[] = [
  {
    ...{ word: 'refuse', config: networkOnly, summary: 'Refuse an application; `why` is needed' },
    decide: (publishers, asked) => publishers.refuse({ ...asked, why: asked.why ?? '' }),
  },
  {
    ...{ word: 'withdraw', config: publishersToo, summary: 'Withdraw an application that waits' },
    decide: (publishers, asked) => publishers.withdraw(asked),
  },
  {
    ...{ word: 'pause', config: networkOnly, summary: 'Refuse the calls to its numbers for now' },
    decide: (publishers, asked) => publishers.pause(asked),
  },
  {
    ...{ word: 'resume', config: networkOnly, summary: 'Take its calls again' },
    decide: (publishers, asked) => publishers.resume(asked),
  },
  {
    ...{ word: 'end', config: networkOnly, summary: 'End it, and take its numbers back' },
    decide: (publishers, asked) => publishers.endApplication(asked),
  },
];

const tags = ['publishers'];

const listing = {
  ...{ operationId: 'listPublishers', summary: 'Publishers', tags },
  querystring: listOf({ state: z.enum(['active', 'ended']).optional() }),
  ...answers({ 200: pageOf(publisher) }),
};
const adding = {
  ...{ operationId: 'addPublisher', summary: 'Add a publisher', tags },
  body: z.strictObject({ id: name, name }),
  ...answers({ 201: publisher }),
};
const showing = {
  ...{ operationId: 'showPublisher', summary: 'A publisher', tags },
  params: byId,
  ...answers({ 200: publisher }),
};
const ending = {
  ...{ operationId: 'endPublisher', summary: 'End a publisher, and take its numbers back', tags },
  params: byId,
  body: decision,
  ...answers({ 200: publisher.extend({ released: z.array(z.string()) }) }),
};

const listingOf = {
  ...{ operationId: 'listApplications', summary: 'Applications, newest first', tags },
  querystring: listOf({
    ...{ publisher: short.optional(), campaign: short.optional() },
    state: z.enum(applicationStates).optional(),
  }),
  ...answers({ 200: pageOf(application) }),
};
const applying = {
  ...{ operationId: 'apply', summary: 'Apply for a campaign', tags },
  body: z.strictObject({
    publisher: short.optional().describe('Of the network’s request; a publisher applies for itself'),
    campaign: short,
    source: short.nullable().optional().describe('The publisher’s own label: google-ads'),
  }),
  ...answers({ 201: application }),
};
const showingOf = {
  ...{ operationId: 'showApplication', summary: 'An application', tags },
  params: byId,
  ...answers({ 200: application }),
};
const approving = {
  ...{ operationId: 'approve', summary: 'Approve an application: it gets a number at once', tags },
  params: byId,
  body: z.strictObject({ number: wanted.optional() }).nullish(),
  ...answers({ 200: application.extend({ number: z.string(), held_from: z.string() }) }),
};
const deciding = (word: string, summary: string) => ({
  ...{ operationId: `${word}Application`, summary, tags },
  params: byId,
  body: decision,
  ...answers({ 200: application }),
});
