/** What the network puts right by hand. */
import type { FastifyInstance } from 'fastify';
import type { Adjustment, AdjustmentRefusal } from '../../records/ledger/adjust.ts';
import type { AfterTheCall } from '../../records/ledger/after-the-call.ts';
import { networkOnly } from '../api.ts';
import { refuseWith } from '../problem.ts';
import { amount, body, line, name, short } from '../schemas.ts';

/** What the config says that an adjustment goes by. */
export interface Named {
  readonly currency: string;
  readonly publishers: { has(name: string): boolean };
  readonly buyers: { has(name: string): boolean };
  readonly campaigns: { has(name: string): boolean };
}

export function adjustmentRoutes(api: FastifyInstance, after: AfterTheCall, named: () => Named): void {
  api.post<{ Body: Asked }>(
    '/adjustments',
    { onRequest: networkOnly, schema: { body: asked } },
    async (request, reply) => {
      const { key, amount, why, by, call = null, campaign = null } = request.body;
      const party = partyOf(request.body);
      if (party === null) {
        const detail = 'an adjustment is for a publisher or from a buyer: one of the two';
        return refuseWith(reply, { status: 422, reason: 'unknown_party', detail });
      }
      const { currency, campaigns, [`${party.kind}s` as const]: parties } = named();
      const adjusted = await after.adjust({
        ...{ key, party, amount, by, why, call, campaign, currency },
        named: { party: parties.has(party.name), campaign: campaign !== null && campaigns.has(campaign) },
      });
      if (!adjusted.ok) {
        const { reason, message: detail } = adjusted;
        return refuseWith(reply, { status: statuses[reason], reason, detail });
      }
      const { result } = adjusted;
      return reply.code(result === 'adjusted' ? 201 : 200).send({ result, key });
    },
  );
}

interface Asked {
  readonly key: string;
  readonly publisher?: string;
  readonly buyer?: string;
  readonly amount: string;
  readonly by: string;
  readonly why: string;
  readonly call?: string;
  readonly campaign?: string;
}

const asked = body(['key', 'amount', 'by', 'why'], {
  ...{
    key: short,
    publisher: short,
    buyer: short,
    amount,
    by: name,
    why: line,
    call: short,
    campaign: short,
  },
});

function partyOf({ publisher, buyer }: Asked): Adjustment['party'] | null {
  if (publisher !== undefined) return buyer === undefined ? { kind: 'publisher', name: publisher } : null;
  return buyer === undefined ? null : { kind: 'buyer', name: buyer };
}

const statuses: Readonly<Record<AdjustmentRefusal, number>> = {
  bad_key: 422,
  bad_amount: 422,
  bad_why: 422,
  unknown_party: 422,
  unknown_campaign: 422,
  unknown_call: 422,
  unknown_terms: 409,
  not_of_this_call: 422,
  key_taken: 409,
};
