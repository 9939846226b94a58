/** Buyers open disputes about the calls that they took; the network decides. */
import { z } from 'zod';
import type { AfterTheCall } from '../../records/ledger/after-the-call.ts';
import type { Decision, DecisionRefusal } from '../../records/ledger/decide-dispute.ts';
import type { DisputeView } from '../../records/ledger/list-disputes.ts';
import type { OpeningRefusal } from '../../records/ledger/open-dispute.ts';
import { buyersToo, networkOnly } from '../access.ts';
import type { Api } from '../api.ts';
import { refuseWith } from '../problem.ts';
import { amount, answers, byId, line, name, short } from '../schemas.ts';
import { dispute as disputeView, worth } from '../views.ts';
import { hiding, whoAsks, worthFor } from './askers.ts';

export function disputeRoutes(api: Api, after: AfterTheCall): void {
  api.post('/calls/:id/disputes', { config: buyersToo, schema: opening }, async (request, reply) => {
    const call = request.params.id;
    const { asker } = request;
    const opened = await after.openDispute({ call, reason: request.body.reason, by: whoAsks(asker) });
    if (!opened.ok) return refuseWith(reply, hiding(asker, call, opened, openingStatuses[opened.reason]));
    return reply.code(201).send({ dispute: opened.dispute, call, state: 'open' });
  });

  api.get('/disputes', { config: buyersToo, schema: listing }, async (request) => {
    const { state, buyer, call, limit = '100' } = request.query;
    const { asker } = request;
    // Of others a buyer learns nothing, not even that they are there.
    if (asker.kind === 'buyer' && buyer !== undefined && buyer !== asker.buyer) return [];
    const whose = asker.kind === 'buyer' ? asker.buyer : buyer;
    const disputes = await after.listDisputes({
      limit: Number(limit),
      ...(state !== undefined && { state }),
      ...(whose !== undefined && { buyer: whose }),
      ...(call !== undefined && { call }),
    });
    return asker.kind === 'network' ? disputes : disputes.map(forBuyer);
  });

  api.post('/disputes/:id/decision', { config: networkOnly, schema: deciding }, async (request, reply) => {
    const { decision: asked, remains, why, by = request.asker.label } = request.body;
    if ((asked === 'partly') !== (remains !== undefined)) {
      const detail =
        asked === 'partly'
          ? 'remains is needed: the revenue that remains where a dispute is accepted partly'
          : 'remains is said of what is accepted partly, and of nothing else';
      return refuseWith(reply, { status: 422, reason: 'bad_amount', detail });
    }
    const decision: Decision =
      asked === 'partly' ? { state: asked, remains: remains ?? '' } : { state: asked };
    const dispute = request.params.id;
    const result = await after.decideDispute({ dispute, decision, by, why });
    if (!result.ok) {
      const { reason, message: detail } = result;
      return refuseWith(reply, { status: decisionStatuses[reason], reason, detail });
    }
    const { call, state, worth } = result;
    return { dispute, call, state, ...worthFor(request.asker, worth) };
  });
}

const tags = ['after the call'];

const opening = {
  ...{ operationId: 'openDispute', summary: 'Dispute a call', tags },
  params: byId,
  body: z.strictObject({ reason: line }),
  ...answers({ 201: z.object({ dispute: z.string(), call: z.string(), state: z.literal('open') }) }),
};

const listing = {
  ...{ operationId: 'listDisputes', summary: 'Disputes, newest first', tags },
  querystring: z.strictObject({
    state: z.enum(['open', 'accepted', 'partly', 'refused']).optional(),
    ...{ buyer: short.optional(), call: short.optional() },
    limit: z
      .string()
      .regex(/^[1-9][0-9]{0,3}$/, 'is to be a number from 1 to 9999')
      .optional(),
  }),
  ...answers({ 200: z.array(disputeView) }),
};

const deciding = {
  ...{ operationId: 'decideDispute', summary: 'Decide a dispute', tags },
  params: byId,
  body: z.strictObject({
    decision: z.enum(['accepted', 'partly', 'refused']),
    remains: amount.optional().describe('Of the revenue, where it is accepted partly'),
    ...{ why: line, by: name.optional() },
  }),
  ...answers({ 200: z.object({ dispute: z.string(), call: z.string(), state: z.string(), ...worth }) }),
};

/** Which publisher brought the call is not told to its buyer. */
const forBuyer = ({ publisher: _publisher, ...view }: DisputeView): Omit<DisputeView, 'publisher'> => view;

const openingStatuses: Readonly<Record<OpeningRefusal, number>> = {
  bad_reason: 422,
  unknown_call: 404,
  not_this_buyer: 404,
  unknown_terms: 409,
  not_billed: 409,
  too_late: 409,
  already_open: 409,
};

const decisionStatuses: Readonly<Record<DecisionRefusal, number>> = {
  bad_why: 422,
  bad_amount: 422,
  unknown_dispute: 404,
  already_decided: 409,
  unknown_call: 409,
  unknown_terms: 409,
};
