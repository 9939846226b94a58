/** Refusals as RFC 9457 problem documents: one form for whatever was wrong, with a word that programs can go by. */
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { isAway } from '../records/is-away.ts';

export interface Problem {
  readonly status: number;
  /** For programs: `statement_closed`. It becomes the type, too. */
  readonly reason: string;
  /** For people. */
  readonly detail: string;
  /** One by one, where there are several. */
  readonly problems?: readonly unknown[];
}

export const badCursor: Problem = {
  status: 422,
  reason: 'bad_cursor',
  detail: 'this cursor is none that was told as `next`',
};

export function refuseWith(reply: FastifyReply, { status, reason, detail, problems }: Problem): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:tollbridge:problem:${reason}`,
        title: STATUS_CODES[status] ?? 'Refused',
        ...{ status, reason, detail, problems },
      }),
    );
}

/** What fastify itself would answer, and what was thrown, in the same form. */
export function answerInProblems(server: FastifyInstance, onDefect: (error: unknown) => void): void {
  server.setNotFoundHandler((request, reply) =>
    refuseWith(reply, {
      status: 404,
      reason: 'not_found',
      detail: `there is no ${request.method} ${request.url.split('?')[0] ?? ''}`,
    }),
  );
  server.setErrorHandler<FastifyError>((error, request, reply) => {
    const { statusCode: status = 500, validation } = error;
    if (validation) return refuseWith(reply, { status: 400, reason: 'bad_request', detail: error.message });
    if (status < 500) return refuseWith(reply, { status, reason: 'bad_request', detail: error.message });
    if (isAway(error)) {
      void reply.header('Retry-After', '5');
      const detail = `the records cannot be reached now${mayHaveChanged(request.method)}`;
      return refuseWith(reply, { status: 503, reason: 'records_unavailable', detail });
    }
    onDefect(error);
    return refuseWith(reply, {
      status: 500,
      reason: 'defect',
      detail: `a fault of ours${mayHaveChanged(request.method)}`,
    });
  });
}

/** A database that is lost while it commits does not say whether it did. */
const mayHaveChanged = (method: string): string =>
  ['GET', 'HEAD'].includes(method) ? '' : ': look whether it was carried out before you ask again';
