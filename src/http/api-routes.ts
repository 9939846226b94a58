/** All routes of the API, behind one guard. */
import type { FastifyInstance } from 'fastify';
import type { Publishers } from '../publishers/publishers.ts';
import type { ApiRecords } from '../records/api/api-records.ts';
import type { AfterTheCall } from '../records/ledger/after-the-call.ts';
import type { StatingNetwork } from '../records/statements/page.ts';
import { typed } from './api.ts';
import { askersBy, type Tokens } from './bearer.ts';
import { guard, type Guarding } from './guard.ts';
import { keepAnswers } from './idempotency.ts';
import { describeRoutes } from './openapi.ts';
import { adjustmentRoutes } from './routes/adjustments.ts';
import { callRoutes } from './routes/calls.ts';
import { conversionRoutes } from './routes/conversions.ts';
import { disputeRoutes } from './routes/disputes.ts';
import { eventRoutes } from './routes/events.ts';
import { moneyRoutes } from './routes/money.ts';
import { campaignRoutes, numberRoutes } from './routes/numbers.ts';
import { overviewRoutes, type OverviewRoutes } from './routes/overview.ts';
import { applicationRoutes, publisherRoutes } from './routes/publishers.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { statementRoutes } from './routes/statements.ts';
import { switchRoutes, type SwitchRoutes } from './routes/switch.ts';
import { traceRoutes, type TraceRoutes } from './routes/trace.ts';
import { visitRoutes, type VisitRoutes } from './routes/visits.ts';
import { Sessions } from './sessions.ts';

export interface ApiOptions extends SwitchRoutes, OverviewRoutes, TraceRoutes, VisitRoutes {
  readonly rate: Guarding['rate'];
  /** As the config that stands now has them. */
  readonly tokens: () => Tokens;
  /** The config that stands now. */
  readonly network: () => NetworkNow;
  readonly records: ApiRecords;
  readonly publishers: Publishers;
  readonly afterTheCall: AfterTheCall;
}

interface NetworkNow extends StatingNetwork {
  readonly currency: string;
  readonly network: StatingNetwork['network'] & { readonly campaigns: { has(name: string): boolean } };
}

export const apiRoutes =
  (options: ApiOptions) =>
  async (instance: FastifyInstance): Promise<void> => {
    const { tokens, network, rate, records, publishers, afterTheCall } = options;
    const api = typed(instance);
    const askerBy = askersBy(tokens, records.storedToken);
    const sessions = new Sessions(() => Date.now());
    await guard(api, { askerBy, sessions, rate, asksForToken: () => tokens().network !== null });
    keepAnswers(api, records.answers);
    await describeRoutes(api);

    sessionRoutes(api, { sessions, askerBy, network });
    eventRoutes(api, { liveCalls: options.liveCalls, askerBy, sessions, now: () => Date.now() });
    switchRoutes(api, options);
    overviewRoutes(api, options);
    callRoutes(api, records);
    traceRoutes(api, options);
    publisherRoutes(api, publishers);
    applicationRoutes(api, publishers);
    numberRoutes(api, publishers);
    campaignRoutes(api, publishers);
    visitRoutes(api, options);
    moneyRoutes(api, { ...records, network });
    statementRoutes(api, { ...records, network });
    conversionRoutes(api, afterTheCall);
    disputeRoutes(api, afterTheCall);
    adjustmentRoutes(api, afterTheCall, () => ({ currency: network().currency, ...network().network }));
  };
