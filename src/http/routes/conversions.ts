/** What a buyer reports after a call. */
import { z } from 'zod';
import type { AfterTheCall } from '../../records/ledger/after-the-call.ts';
import type { ConversionRefusal } from '../../records/ledger/report-conversion.ts';
import { buyersToo } from '../access.ts';
import type { Api } from '../api.ts';
import { refuseWith } from '../problem.ts';
import { amount, answers, byId, short, time } from '../schemas.ts';
import { worth } from '../views.ts';
import { hiding, whoAsks, worthFor } from './askers.ts';

const conversion = z.object({
  result: z.enum(['recorded', 'unchanged', 'revised']),
  ...{ call: z.string(), key: z.string(), revision: z.int() },
  ...worth,
});

const schema = {
  operationId: 'reportConversion',
  summary: 'What a call came to afterwards',
  tags: ['after the call'],
  params: byId,
  body: z.strictObject({
    ...{ key: short, name: short, amount: amount.optional() },
    happened_at: time.optional(),
  }),
  ...answers({ 200: conversion, 201: conversion }),
};

export function conversionRoutes(api: Api, after: AfterTheCall): void {
  api.post('/calls/:id/conversions', { config: buyersToo, schema }, async (request, reply) => {
    const { key, name, amount = null, happened_at: happenedAt } = request.body;
    const by = whoAsks(request.asker);
    const reported = await after.reportConversion({
      ...{ call: request.params.id, key, name, amount, by },
      happenedAt: happenedAt === undefined ? null : new Date(happenedAt),
    });
    if (!reported.ok)
      return refuseWith(reply, hiding(request.asker, request.params.id, reported, statuses[reported.reason]));
    const { result, revision, worth } = reported;
    return reply.code(result === 'recorded' ? 201 : 200).send({
      ...{ result, call: request.params.id, key, revision },
      ...worthFor(request.asker, worth),
    });
  });
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
