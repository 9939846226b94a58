/** A server of HTTP that is asked nothing but what a test gives it. */
import { Registry as Metrics } from 'prom-client';
import type { HttpOptions } from '../../src/http/server.ts';

const notAsked = () => Promise.reject(new Error('is not asked here'));

export const httpOptions = (given: Partial<HttpOptions> = {}): HttpOptions => ({
  ...{ host: '127.0.0.1', port: 0, metrics: new Metrics() },
  rate: { token: 10_000, address: 10_000 },
  tokens: () => ({ network: null, buyers: new Map() }),
  network: () => ({
    ...{ name: 'Acme', timezone: 'America/New_York', currency: 'USD' },
    network: { publishers: new Map(), buyers: new Map(), campaigns: new Map() },
  }),
  records: {
    ...{ listCalls: notAsked, report: notAsked, listPayouts: notAsked, listStatements: notAsked },
    ...{ showStatement: notAsked, storedToken: () => Promise.resolve(null) },
    answers: {
      ...{ claim: notAsked, keep: notAsked, letGo: notAsked, leaveUnknown: notAsked, forget: notAsked },
    },
  },
  publishers: {
    ...{ addPublisher: notAsked, endPublisher: notAsked, listPublishers: notAsked, showPublisher: notAsked },
    ...{ apply: notAsked, withdraw: notAsked, approve: notAsked, refuse: notAsked, pause: notAsked },
    ...{ resume: notAsked, endApplication: notAsked, listApplications: notAsked, showApplication: notAsked },
    ...{ listNumbers: notAsked, showNumber: notAsked, assign: notAsked, release: notAsked },
    ...{ importNumbers: notAsked, listCampaigns: notAsked, showCampaign: notAsked },
    offeredCampaigns: () => [],
  },
  afterTheCall: {
    ...{ reportConversion: notAsked, openDispute: notAsked, decideDispute: notAsked },
    ...{ listDisputes: notAsked, adjust: notAsked },
  },
  ...{
    lend: notAsked,
    display: (number: string) => number,
    liveCalls: () => [],
    buyers: () => [],
    today: notAsked,
  },
  ...{ reload: notAsked, world: () => 'unknown_campaign' as const, notReady: () => [] },
  ...{
    unsound: () => Promise.resolve([]),
    trace: () => ({ ok: false, reason: 'unknown_call' }),
  },
  onDefect: (error) => {
    throw error;
  },
  ...given,
});
