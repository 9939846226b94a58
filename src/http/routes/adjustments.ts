/** What the network puts right by hand. */
import { z } from 'zod';
import type { Adjustment, AdjustmentRefusal } from '../../records/ledger/adjust.ts';
import type { AfterTheCall } from '../../records/ledger/after-the-call.ts';
import { networkOnly } from '../access.ts';
import type { Api } from '../api.ts';
import { refuseWith } from '../problem.ts';
import { amount, answers, line, name, short } from '../schemas.ts';

/** What the config says that an adjustment goes by. */
export interface Named {
  readonly currency: string;
  readonly publishers: { has(name: string): boolean };
  readonly buyers: { has(name: string): boolean };
  readonly campaigns: { has(name: string): boolean };
}

export function adjustmentRoutes(api: Api, after: AfterTheCall, named: () => Named): void {
  api.post(
    '/adjustments',
    {
      config: networkOnly,
      schema: {
        operationId: 'adjust',
        summary: 'Put right by hand what is owed',
        tags: ['money'],
        body: asked,
        ...answers({ 200: adjustment, 201: adjustment }),
      },
    },
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

const asked = z.strictObject({
  key: short,
  publisher: short.optional(),
  buyer: short.optional(),
  ...{ amount, by: name, why: line },
  call: short.optional(),
  campaign: short.optional(),
});

const adjustment = z.object({ result: z.enum(['adjusted', 'unchanged']), key: z.string() });

function partyOf({ publisher, buyer }: z.output<typeof asked>): Adjustment['party'] | null {
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
