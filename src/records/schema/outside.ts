/** The tables of who asks over HTTP, and of who is told. */
import type { Generated, GeneratedAlways } from 'kysely';
import type { Json } from './columns.ts';

export interface OutsideTables {
  api_tokens: ApiTokensTable;
  api_answers: ApiAnswersTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_calls: WebhookCallsTable;
}

export interface ApiTokensTable {
  id: string;
  hash: string;
  role: 'admin' | 'publisher';
  publisher: string | null;
  label: string;
  created_at: Generated<Date>;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** What a request with an idempotency key was answered. */
interface ApiAnswersTable {
  token: string;
  key: string;
  /** A digest of the request. */
  request: string;
  status: number;
  body: string;
  created_at: Generated<Date>;
}

interface WebhookDeliveriesTable {
  /** The `webhook-id` that it travels under. */
  id: string;
  /** In the order in which they were written. */
  seq: GeneratedAlways<bigint>;
  endpoint: string;
  /** `network`, `publisher:clickwise`, `buyer:sunrise`. */
  owner: string;
  event: string;
  call_id: string | null;
  /** Null once it was delivered. */
  body: string | null;
  state: Generated<'waiting' | 'delivered' | 'dead'>;
  attempts: Generated<number>;
  /** Attempts, those too that were taken back or came before it was retried. */
  claims: Generated<bigint>;
  /** What came of the last attempt that failed. */
  error: string | null;
  created_at: Generated<Date>;
  due_at: Generated<Date>;
  give_up_at: Generated<Date>;
  done_at: Date | null;
}

interface WebhookEndpointsTable {
  endpoint: string;
  gone_at: Date;
}

interface WebhookCallsTable {
  call_id: string;
  offered: Json<unknown>;
  noted_at: Generated<Date>;
}
