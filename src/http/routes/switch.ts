/** What the running switch tells of itself, and its reload. */
import { z } from 'zod';
import type { LiveCall } from '../../calls/registry.ts';
import type { Snapshot, SnapshotQuery } from '../../calls/shown/snapshot.ts';
import type { Reloaded } from '../../reload/reload.ts';
import { networkOnly, publishersToo } from '../access.ts';
import type { Api } from '../api.ts';
import { refuseWith, type Problem } from '../problem.ts';
import { answers, short } from '../schemas.ts';
import { liveCall, publisherLiveCall } from '../views.ts';
import { publisherLiveCall as forPublisher } from './publisher-views.ts';

export interface SwitchRoutes {
  readonly liveCalls: () => readonly LiveCall[];
  /** Looks at the config again. */
  readonly reload: () => Promise<Reloaded>;
  /** What a decision would read of the world now; or what of the question the switch has not. */
  readonly world: (call: SnapshotQuery) => Snapshot | 'unknown_campaign' | 'unknown_number';
}

export function switchRoutes(api: Api, { liveCalls, reload, world }: SwitchRoutes): void {
  api.get('/calls/live', { config: publishersToo, schema: listing }, ({ asker }) =>
    asker.kind === 'publisher'
      ? liveCalls()
          .filter(({ publisher }) => publisher === asker.publisher)
          .map(forPublisher)
      : liveCalls(),
  );
  api.post('/reload', { config: networkOnly, schema: reloading }, async (_request, reply) => {
    const result = await reload();
    return reply.code(result.ok ? 200 : 422).send(result);
  });
  api.get('/world', { config: networkOnly, schema: looking }, (request, reply) => {
    const { campaign, number, publisher = '', caller = null } = request.query;
    const of = number ?? (campaign === undefined ? null : { campaign, publisher });
    if (of === null || (number !== undefined && campaign !== undefined)) return refuseWith(reply, oneOfBoth);
    const seen = world({ of, caller });
    if (typeof seen === 'object') return seen;
    const detail =
      seen === 'unknown_number'
        ? `${number ?? ''} is nobody's now`
        : `the switch has no campaign ${campaign ?? `that ${number ?? ''} is held for`}`;
    return refuseWith(reply, { status: 404, reason: seen, detail });
  });
}

const oneOfBoth: Problem = {
  status: 400,
  reason: 'bad_request',
  detail: 'say which number is called, or which campaign it would be for',
};

const tags = ['switch'];

const listing = {
  ...{ operationId: 'listLiveCalls', summary: 'The calls that live now', tags },
  ...answers({ 200: z.array(z.union([liveCall, publisherLiveCall])) }),
};

const reloaded = z.looseObject({ ok: z.boolean(), config: z.string(), problems: z.array(z.looseObject({})) });
const reloading = {
  ...{ operationId: 'reload', summary: 'Look at the config again', tags },
  ...answers({ 200: reloaded, 422: reloaded }),
};

const looking = {
  ...{ operationId: 'world', summary: 'What a decision about such a call would read now', tags },
  querystring: z.strictObject({
    number: short.optional().describe('E.164, the + as %2B: whose it is now is told, too'),
    campaign: short.optional().describe('In place of a number'),
    publisher: short.optional().describe('With a campaign'),
    caller: short.optional().describe('E.164; not there where withheld'),
  }),
  ...answers({ 200: z.looseObject({ at: z.number(), table: z.string() }) }),
};
