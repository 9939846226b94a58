/** Server-sent events: the live calls, as they change. */
import { z } from 'zod';
import type { LiveCall } from '../../calls/registry.ts';
import { publishersToo } from '../access.ts';
import type { Api } from '../api.ts';
import { LiveFeed, type Listener } from '../live-feed.ts';
import { refuseWith } from '../problem.ts';
import { answers } from '../schemas.ts';
import { stillKnown, type Knowing } from '../still-known.ts';

interface EventRoutes extends Knowing {
  readonly liveCalls: () => readonly LiveCall[];
}

/** Of the whole switch, and of one token. */
const most = 200;
const mostOfOne = 20;
/** So that a proxy does not take the connection for dead; the token and the session are looked at again then. */
const heartbeatEvery = 15_000;
/** Bytes on their way to a reader who is slow. */
const behindFrom = 256 * 1024;
/** One who has not read them by the next heartbeat is let go. */
const lostFrom = 1024 * 1024;

export function eventRoutes(api: Api, { liveCalls, ...knowing }: EventRoutes): void {
  const feed = new LiveFeed(liveCalls);
  const open = new Set<() => void>();
  api.addHook('preClose', (done) => {
    for (const close of open) close();
    done();
  });

  api.get('/events', { config: publishersToo, schema, exposeHeadRoute: false }, (request, reply) => {
    const { asker } = request;
    if (feed.size >= most || feed.countOf(asker.id) >= mostOfOne) {
      void reply.header('Retry-After', '30');
      const detail = 'too many connections listen already';
      return refuseWith(reply, { status: 429, reason: 'too_many_listeners', detail });
    }
    void reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    const listener: Listener = {
      id: asker.id,
      publisher: asker.kind === 'publisher' ? asker.publisher : null,
      send: (event, data) => raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      isBehind: () => raw.writableLength > behindFrom,
    };
    const stop = feed.add(listener);
    const isStillKnown = stillKnown(request, knowing);
    const heartbeat = setInterval(() => void beat(), heartbeatEvery);
    const close = () => {
      clearInterval(heartbeat);
      stop();
      open.delete(close);
      raw.destroy();
    };
    open.add(close);
    raw.on('close', close).on('error', close);

    async function beat(): Promise<void> {
      if (raw.writableLength > lostFrom || !(await isStillKnown())) close();
      else if (raw.writableLength < behindFrom) raw.write(': still here\n\n');
    }
    return reply;
  });
}

const schema = {
  operationId: 'listen',
  summary:
    'Server-sent events: `live`, all calls that live; then `changed`, of them those that are new or other, the ids of those gone, and counts',
  tags: ['calls'],
  ...answers({
    200: {
      description: 'As long as the connection lasts',
      content: { 'text/event-stream': { schema: z.string() } },
    },
  }),
};
