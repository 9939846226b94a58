/** The SIP of a call, for the network alone: it names callers. */
import { z } from 'zod';
import type { Found } from '../../trace/ring.ts';
import { traceView } from '../../trace/view.ts';
import { networkOnly } from '../access.ts';
import type { Api } from '../api.ts';
import { refuseWith } from '../problem.ts';
import { answers, byId } from '../schemas.ts';

export interface TraceRoutes {
  /** By a call's id or how it begins, or by SIP's Call-ID. */
  readonly trace: (call: string) => Found;
}

export function traceRoutes(api: Api, { trace }: TraceRoutes): void {
  api.get('/calls/:id/trace', { config: networkOnly, schema: showing }, ({ params }, reply) => {
    const found = trace(params.id);
    if (found.ok) return traceView(found.kept);
    if (found.reason === 'ambiguous_call') {
      const detail = `more than one call begins with ${params.id}: say more of its id`;
      return refuseWith(reply, { status: 409, reason: found.reason, detail });
    }
    const detail = `the SIP of a call ${params.id} is not kept: it is kept of the last calls, as trace.calls says`;
    return refuseWith(reply, { status: 404, reason: found.reason, detail });
  });
}

const message = z.object({
  at_ms: z.number().describe('Since the first INVITE'),
  leg: z.int().describe('0: the carrier; else the attempt, from 1'),
  direction: z.enum(['received', 'sent']),
  transport: z.string(),
  address: z.string().describe('The far end’s; of a request that was sent, our own'),
  text: z.string().describe('Without credentials, and without any body but SDP'),
  by_server: z
    .enum(['no_answer', 'not_sent', 'held'])
    .nullable()
    .describe('null: it went over the wire; else what the SIP server did by itself'),
});

const showing = {
  ...{ operationId: 'traceCall', summary: 'The SIP of a call, both legs', tags: ['calls'] },
  params: byId,
  ...answers({
    200: z.object({
      call: z.string().nullable().describe('null: turned away before it became one'),
      began_at: z.iso.datetime(),
      legs: z.array(z.string()).describe('SIP Call-IDs'),
      messages: z.array(message),
      left_out: z.int().describe('Messages that were more than is kept of one call'),
    }),
  }),
};
