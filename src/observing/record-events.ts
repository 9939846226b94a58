/** Of what calls came to, and who is told of it. */
import type { Registry } from 'prom-client';
import type { Log } from '../log.ts';
import { metricsIn } from './metrics.ts';
import type { Outcome as WebhookOutcome } from '../webhooks/dispatcher.ts';

export interface RecordEvents {
  settled(what: {
    readonly call: string;
    readonly buyer: string | null;
    readonly revenue: string;
    readonly payout: string;
  }): void;
  /** What was owed for a call, or for none, was corrected: amounts are by how much more, as decimal text. */
  corrected(what: {
    readonly call: string | null;
    readonly kind: 'conversion' | 'dispute' | 'adjustment';
    readonly reference: string;
    readonly revenue: string;
    readonly payout: string;
    readonly by: string;
  }): void;
  /** One attempt at a delivery is over. */
  webhookTried(outcome: WebhookOutcome): void;
  /** The outbox cannot be asked: deliveries wait. */
  webhooksWait(error: unknown): void;
}

export function recordEvents(log: Log, registry: Registry): RecordEvents {
  const { counter } = metricsIn(registry);
  const settled = counter('calls_settled_total', 'Calls settled', ['paid']);
  const corrected = counter('corrections_total', 'Postings that corrected what was owed', ['kind']);
  const webhooks = counter('webhook_attempts_total', 'Attempts at deliveries, by what came of them', [
    'event',
    'result',
  ]);

  return {
    settled(what) {
      settled.inc({ paid: Number(what.payout) > 0 ? 'yes' : 'no' });
      log('info', 'call_settled', what);
    },
    corrected(what) {
      corrected.inc({ kind: what.kind });
      log('info', 'corrected', what);
    },
    webhookTried(outcome) {
      const { event, result } = outcome;
      webhooks.inc({ event, result });
      const { id: delivery, endpoint, owner, attempts, error } = outcome;
      const level = result === 'delivered' ? 'info' : 'warn';
      log(level, `webhook_${result}`, { delivery, endpoint, owner, type: event, attempts, error });
    },
    webhooksWait(error) {
      log('warn', 'webhooks_wait', { error: error instanceof Error ? error.message : String(error) });
    },
  };
}
