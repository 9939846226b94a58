/** What `tollbridge calls --json` and `tollbridge payouts --json` print, as far as the demo reads it. */
import { z } from 'zod';
import type { Scene } from './scene.ts';

const attributeValue = z.union([z.string(), z.number(), z.boolean()]);

const callRecord = z.object({
  id: z.string(),
  started_at: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  campaign: z.string(),
  publisher: z.string(),
  source: z.string().nullable(),
  outcome: z.string(),
  cause: z.string(),
  buyer: z.string().nullable(),
  connected_ms: z.number(),
  revenue: z.string(),
  payout: z.string(),
  margin: z.string(),
  payout_reason: z.string(),
  attempts: z.array(
    z.object({
      buyer: z.string(),
      result: z.string(),
      status: z.number().nullable(),
    }),
  ),
  left_out: z.array(
    z.object({
      buyer: z.string(),
      rule: z.string(),
      about: z.string().nullish(),
      seen: attributeValue.nullable(),
      limit: z.union([attributeValue, z.array(attributeValue)]).nullable(),
    }),
  ),
});
export type CallRecord = z.infer<typeof callRecord>;
export type LeftOut = CallRecord['left_out'][number];

/** Oldest first. */
export function parseCalls(printed: unknown): CallRecord[] {
  return z
    .array(callRecord)
    .parse(printed)
    .sort((a, b) => a.started_at.localeCompare(b.started_at));
}

const payouts = z.object({
  currencies: z.array(
    z.object({
      currency: z.string(),
      publishers: z.array(z.object({ publisher: z.string(), payable: z.number(), payout: z.string() })),
      buyers: z.array(z.object({ buyer: z.string(), billable: z.number(), revenue: z.string() })),
      revenue: z.string(),
      payout: z.string(),
      margin: z.string(),
    }),
  ),
});
export type Payouts = z.infer<typeof payouts>;

export function parsePayouts(printed: unknown): Payouts {
  return payouts.parse(printed);
}

/** Each scene with its record: a caller's calls in the order in which they were placed. */
export function withRecords(
  scenes: readonly Scene[],
  records: readonly CallRecord[],
): { readonly scene: Scene; readonly record: CallRecord | null }[] {
  const left = [...records];
  return [...scenes]
    .sort((a, b) => (a.began ?? 0) - (b.began ?? 0))
    .map((scene) => {
      const at = left.findIndex(({ from, to }) => from === scene.caller.from && to === scene.caller.to);
      return { scene, record: at < 0 ? null : (left.splice(at, 1)[0] ?? null) };
    });
}
