/** What a buyer reports after a call. */
import type { FastifyInstance } from 'fastify';
import type { AfterTheCall } from '../../records/ledger/after-the-call.ts';
import type { ConversionRefusal } from '../../records/ledger/report-conversion.ts';
import { refuseWith } from '../problem.ts';
import { amount, body, callParameter, short } from '../schemas.ts';
import { hiding, whoAsks, worthFor } from './askers.ts';

interface Conversion {
  readonly key: string;
  readonly name: string;
  readonly amount?: string;
  readonly happened_at?: string;
}

const schema = {
  params: callParameter,
  body: body(['key', 'name'], {
    ...{ key: { type: 'string', maxLength: 128 }, name: short, amount },
    happened_at: { type: 'string', format: 'date-time' },
  }),
};

export function conversionRoutes(api: FastifyInstance, after: AfterTheCall): void {
  api.post<{ Params: { id: string }; Body: Conversion }>(
    '/calls/:id/conversions',
    { schema },
    async (request, reply) => {
      const { key, name, amount = null, happened_at: happenedAt } = request.body;
      const by = whoAsks(request.asker);
      const reported = await after.reportConversion({
        ...{ call: request.params.id, key, name, amount, by },
        happenedAt: happenedAt === undefined ? null : new Date(happenedAt),
      });
      if (!reported.ok)
        return refuseWith(
          reply,
          hiding(request.asker, request.params.id, reported, statuses[reported.reason]),
        );
      const { result, revision, worth } = reported;
      return reply.code(result === 'recorded' ? 201 : 200).send({
        ...{ result, call: request.params.id, key, revision },
        ...worthFor(request.asker, worth),
      });
    },
  );
}

const statuses: Readonly<Record<ConversionRefusal, number>> = {
  bad_key: 422,
  bad_name: 422,
  bad_amount: 422,
  bad_time: 422,
  unknown_call: 404,
  not_this_buyer: 404,
  unknown_terms: 409,
  not_connected: 409,
  disputed: 409,
  statement_closed: 409,
};
