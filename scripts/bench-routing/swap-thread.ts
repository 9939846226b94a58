/** The thread that makes the next network, in place of the one that reads it from files, and sends it in the same parcels. */
import { parentPort, type MessagePort } from 'node:worker_threads';
import type { Config } from '../../src/config/config.ts';
import { pack, transferable } from '../../src/reload/parcels.ts';
import type { Network } from '../../src/routing/network.ts';
import type { BuyerTerms, PayoutTerms, TermsBook } from '../../src/settlement/terms.ts';
import { indexNumbers, madeUpNetwork, type Scale } from './made-up-network.ts';

export interface SwapOrder {
  readonly scale: Scale;
  readonly parcels: MessagePort;
}

if (!parentPort) throw new Error('swap-thread runs in a worker thread only');
const main = parentPort;
main.once('message', ({ scale, parcels }: SwapOrder) => send(scale, parcels));

function send(scale: Scale, parcels: MessagePort): void {
  const config = configOf(scale);
  for (const parcel of pack({ ok: true, config, problems: [] })) {
    parcels.postMessage(parcel, transferable(parcel));
  }
  main.postMessage('sent');
}

function configOf(scale: Scale): Config {
  const network = madeUpNetwork(scale, indexNumbers(scale));
  return {
    file: '/made-up.yaml',
    files: ['/made-up.yaml'],
    folders: [],
    hash: 'made-up',
    name: 'Made up',
    country: network.country,
    timezone: network.timezone,
    currency: 'USD',
    engine: { sip: { kind: 'embedded', listen: [] }, media: { kind: 'embedded' } },
    data: '/',
    database: 'embedded',
    http: { host: '127.0.0.1', port: 0, token: null, rate: { token: 1200, address: 3000 } },
    tokens: new Map(),
    webhooks: [],
    records: { keep: null },
    log: { level: 'info', numbers: 'masked' },
    trace: { calls: 0 },
    limits: {
      maxCalls: 5_000,
      cps: null,
      stall: null,
      maxCall: 7_200_000,
      drain: 60_000,
      rtpTimeout: 60_000,
    },
    carriers: [],
    pools: new Map(),
    network,
    terms: termsOf(network),
  };
}

function termsOf({ buyers, campaigns }: Network): TermsBook {
  const when = [{ kind: 'compare', attribute: 'connected', operator: '>=', value: 90_000 }] as const;
  const revenue = [...buyers.values()].map(({ id, worth }): [string, BuyerTerms] => {
    const rules = worth.map(({ pays }) => ({ pays: { kind: 'flat', amount: BigInt(pays) } as const, when }));
    return [id, { buyer: id, revenue: rules, oncePerCaller: 30 * 86_400_000 }];
  });
  const payout = [...campaigns.keys()].map((id): [string, PayoutTerms] => {
    const rule = { pays: { kind: 'share', ppm: 700_000, round: 'half_even' } as const, when };
    const disputes = { within: null, payout: 'reverse' } as const;
    return [id, { campaign: id, payout: [rule], oncePerCaller: null, disputes }];
  });
  return {
    ...{ currency: 'USD', minorDigits: 2, timezone: 'America/New_York', hold: 0 },
    buyers: new Map(revenue),
    campaigns: new Map(payout),
    publishers: new Map(),
  };
}
