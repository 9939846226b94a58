/** What the running switch tells of itself, and its reload. For the network. */
import type { FastifyInstance } from 'fastify';
import type { LiveCall } from '../../calls/registry.ts';
import type { Snapshot, SnapshotQuery } from '../../calls/snapshot.ts';
import type { Reloaded } from '../../reload/reload.ts';
import { networkOnly } from '../api.ts';
import { refuseWith } from '../problem.ts';
import { body, short } from '../schemas.ts';

export interface SwitchRoutes {
  readonly liveCalls: () => readonly LiveCall[];
  /** Looks at the config again. */
  readonly reload: () => Promise<Reloaded>;
  /** What a decision would read of the world now; null where the switch has no such campaign. */
  readonly world: (call: SnapshotQuery) => Snapshot | null;
}

export function switchRoutes(api: FastifyInstance, { liveCalls, reload, world }: SwitchRoutes): void {
  const options = { onRequest: networkOnly };
  api.get('/calls/live', options, () => liveCalls());
  api.post('/reload', options, async (_request, reply) => {
    const result = await reload();
    return reply.code(result.ok ? 200 : 422).send(result);
  });
  api.get<{ Querystring: WorldQuery }>(
    '/world',
    {
      ...options,
      schema: { querystring: body(['campaign'], { campaign: short, publisher: short, caller: short }) },
    },
    (request, reply) => {
      const { campaign, publisher = '', caller = null } = request.query;
      const seen = world({ campaign, publisher, caller });
      if (seen) return seen;
      const detail = `the switch has no campaign ${campaign}`;
      return refuseWith(reply, { status: 404, reason: 'unknown_campaign', detail });
    },
  );
}

interface WorldQuery {
  readonly campaign: string;
  readonly publisher?: string;
  /** E.164; not there where withheld. */
  readonly caller?: string;
}
