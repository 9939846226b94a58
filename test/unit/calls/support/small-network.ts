/** One campaign with three buyers on one trunk. */
import type { Buyer, Campaign, Ivr, Network } from '../../../../src/routing/network.ts';
import type { BuyerScript } from '../../../support/fake-ports.ts';

export const number = '+18005550100';
export const caller = '+12145550111';

export interface Setup {
  readonly scripts: readonly BuyerScript[];
  readonly ivr: boolean;
  readonly anchored: boolean;
  /** Of each buyer. */
  readonly whisper: readonly boolean[];
  readonly record: boolean;
  readonly prompt: boolean;
  readonly retry: boolean;
  /** The first two buyers ring together. */
  readonly group: boolean;
  /** The caller's INVITE has no SDP. */
  readonly offersLate?: boolean;
}

export const plain: Setup = {
  scripts: [],
  ivr: false,
  anchored: false,
  whisper: [],
  record: false,
  prompt: false,
  retry: false,
  group: false,
};

export function smallNetwork(setup: Setup): Network {
  const buyers = ['one', 'two', 'three'].map((id, index): Buyer => ({
    id,
    name: id,
    timezone: 'America/New_York',
    trunk: 'pbx',
    dial: caller,
    paused: false,
    hours: 'always',
    concurrency: 1,
    caps: [],
    spacing: 0,
    accepts: [],
    worth: [],
    bid: null,
    ...(setup.whisper[index] === true && { whisper: '/whisper.wav' }),
  }));
  const ivr: Ivr = {
    id: 'menu',
    start: 'ask',
    steps: new Map([
      [
        'ask',
        {
          kind: 'menu',
          play: '/ask.wav',
          timeout: 1_000,
          tries: 2,
          choices: new Map([['1', { set: { homeowner: 'yes' }, go: 'route' }]]),
          otherwise: { set: {}, go: 'hangup' },
        },
      ],
    ]),
  };
  const campaign: Campaign = {
    id: 'solar',
    name: 'Solar',
    advertiser: null,
    ivr: setup.ivr ? ivr : null,
    media: setup.anchored ? 'anchored' : 'auto',
    record: setup.record ? 'answered' : 'off',
    block: { anonymous: false, callers: new Set() },
    repeatCaller: null,
    concurrency: null,
    caps: [],
    routing: {
      strategy: 'priority',
      performance: { over: 0, minCalls: 0, explore: 0 },
      sticky: null,
      failover: { stop: [] },
      ring: 20_000,
      attempts: 3,
      giveUp: 50_000,
      onEarlyHangup: { within: 5_000, retry: setup.retry },
      ringback: 'us',
      noBuyer: setup.prompt ? { play: '/sorry.wav' } : null,
      routes: buyers.map(({ id }, index) => {
        const isGrouped = setup.group && index < 2;
        const group = isGrouped ? 'both' : null;
        return { buyer: id, priority: isGrouped ? 0 : index, weight: 1, concurrency: null, caps: [], group };
      }),
    },
  };
  return {
    country: 'US',
    timezone: 'America/New_York',
    trunks: new Map([
      [
        'pbx',
        {
          ...{ id: 'pbx', uri: 'sip:127.0.0.1:5091', transport: 'udp', concurrency: null, cps: null },
          ...{ silentAfter: 2_000, breaker: null },
        },
      ],
    ]),
    buyers: new Map(buyers.map((buyer) => [buyer.id, buyer])),
    campaigns: new Map([['solar', campaign]]),
    publishers: new Map([['clickwise', { id: 'clickwise', name: 'Clickwise', concurrency: null, caps: [] }]]),
    numbers: new Map([[number, { number, campaign: 'solar', publisher: 'clickwise', source: null }]]),
  };
}
