/** From what each section says to the network, its terms and its switch. Every reference was checked before. */
import { dirname } from 'node:path';
import type { Buyer, Campaign, Ivr, Network, Numbers, Trunk } from '../routing/network.ts';
import { NumberIndex } from '../routing/number-index.ts';
import type { Carrier, Config, Engine, Pool } from './config.ts';
import { hashOf } from './hash.ts';
import type { Sections } from './schema.ts';
import type { GivenEverywhere } from './sections/fields.ts';
import { termsOf } from './terms-of.ts';
import { hoursOf } from './values/hours.ts';
import { ringbackOf } from './values/locale.ts';
import { numbersOf, parseTelephoneRange } from './values/telephone.ts';
import { webhooksOf } from './webhooks-of.ts';
import { worthOf } from './worth.ts';

interface ReadFiles {
  readonly file: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

export function assemble(
  { file, files, folders }: ReadFiles,
  sections: Sections,
  given: GivenEverywhere,
): Config {
  const { name, country, timezone, currency } = sections.network;
  const network = networkOf(sections, given);
  const terms = termsOf(sections);
  return {
    file,
    files,
    folders,
    hash: hashOf(network, terms, dirname(file)),
    name,
    country,
    timezone,
    currency: currency.code,
    engine: engineOf(sections.engine),
    data: sections.data,
    database: sections.database,
    http: httpOf(sections.http),
    tokens: tokensOf(sections),
    webhooks: webhooksOf(sections),
    limits: {
      maxCalls: sections.limits.max_calls,
      cps: sections.limits.cps ?? null,
      stall: sections.limits.stall,
      maxCall: sections.limits.max_call,
      drain: sections.limits.drain,
      rtpTimeout: sections.limits.rtp_timeout,
    },
    log: sections.log,
    trace: sections.trace,
    records: { keep: sections.records.keep ?? null },
    carriers: [...sections.carriers].map(
      ([id, { from, concurrency = null, cps = null, refuse_with: refuseWith }]): Carrier => ({
        id,
        from,
        concurrency,
        cps,
        refuseWith,
      }),
    ),
    pools: mapped(sections.pools, (id, pool): Pool => poolOf(id, pool, sections)),
    network,
    terms,
  };
}

function httpOf({ listen, token, rate }: Sections['http']): Config['http'] {
  return { ...listen, token: token === '' ? null : token, rate };
}

function tokensOf({ buyers }: Sections): Config['tokens'] {
  return new Map([...buyers].flatMap(([buyer, { token }]) => (token ? [[buyer, token] as const] : [])));
}

function networkOf(sections: Sections, { country: numbering }: GivenEverywhere): Network {
  const { country, timezone } = sections.network;
  const ivrs = mapped(sections.ivrs, (id, ivr): Ivr => ({ id, ...ivr }));
  return {
    country,
    timezone,
    trunks: mapped(sections.trunks, trunkOf),
    buyers: mapped(sections.buyers, (id, buyer) => buyerOf(id, buyer, sections.network)),
    campaigns: mapped(sections.campaigns, (id, campaign) => campaignOf(id, campaign, ivrs, country)),
    publishers: mapped(sections.publishers, (id, { name = id, concurrency = null, caps }) => ({
      id,
      name,
      concurrency,
      caps,
    })),
    numbers: trackingNumbers(sections, numbering),
  };
}

function trackingNumbers(sections: Sections, country: GivenEverywhere['country']): Numbers {
  const ranges = [...sections.numbers].flatMap(([written, { campaign, publisher, source = null }]) => {
    const range = parseTelephoneRange(written, country);
    return range.ok ? [{ range: range.value, owner: { campaign, publisher, source } }] : [];
  });
  const numbers = new NumberIndex(ranges.reduce((sum, { range }) => sum + range.count, 0));
  for (const { range, owner } of ranges) for (const number of numbersOf(range)) numbers.set(number, owner);
  return numbers;
}

type Of<K extends 'trunks' | 'buyers' | 'campaigns' | 'pools'> =
  Sections[K] extends ReadonlyMap<string, infer T> ? T : never;

function trunkOf(
  id: string,
  {
    uri,
    transport,
    auth,
    concurrency,
    cps,
    probe,
    silent_after: silentAfter,
    breaker,
    failover,
  }: Of<'trunks'>,
): Trunk {
  return {
    id,
    uri,
    transport,
    ...(auth && { auth }),
    concurrency: concurrency ?? null,
    cps: cps ?? null,
    silentAfter,
    breaker,
    ...(probe && { probe: { every: probe.every, downAfter: probe.down_after, upAfter: probe.up_after } }),
    ...(failover && { failover }),
  };
}

function buyerOf(id: string, buyer: Of<'buyers'>, { timezone, currency }: Sections['network']): Buyer {
  return {
    id,
    name: buyer.name ?? id,
    timezone: buyer.timezone ?? timezone,
    trunk: buyer.trunk,
    dial: buyer.dial,
    paused: buyer.paused,
    hours: hoursOf(buyer.hours, buyer.except),
    concurrency: buyer.concurrency ?? null,
    caps: buyer.caps,
    spacing: buyer.spacing,
    accepts: buyer.accepts,
    ...(buyer.whisper !== undefined && { whisper: buyer.whisper }),
    worth: worthOf(buyer.revenue, currency.minorDigits),
    bid: buyer.bid ?? null,
  };
}

function campaignOf(
  id: string,
  campaign: Of<'campaigns'>,
  ivrs: ReadonlyMap<string, Ivr>,
  country: string,
): Campaign {
  const { routing, block, repeat_caller: repeatCaller } = campaign;
  return {
    id,
    name: campaign.name ?? id,
    advertiser: campaign.advertiser ?? null,
    ivr: ivrs.get(campaign.ivr ?? '') ?? null,
    media: campaign.media,
    record: campaign.record,
    block: { anonymous: block.anonymous, callers: new Set(block.callers) },
    repeatCaller: repeatCaller ?? null,
    concurrency: campaign.concurrency ?? null,
    caps: campaign.caps,
    routing: {
      strategy: routing.strategy,
      performance: {
        over: routing.performance.over,
        minCalls: routing.performance.min_calls,
        explore: routing.performance.explore,
      },
      sticky: routing.sticky ?? null,
      failover: routing.failover,
      ring: routing.ring,
      attempts: routing.attempts,
      giveUp: routing.give_up,
      onEarlyHangup: routing.on_early_hangup ?? null,
      ringback: routing.ringback ?? ringbackOf(country),
      noBuyer: routing.no_buyer ?? null,
      routes: routing.routes,
    },
  };
}

function engineOf({ sip, media, listen }: Sections['engine']): Engine {
  return {
    sip: sip === 'embedded' ? { kind: 'embedded', listen } : { kind: 'drachtio', ...sip.drachtio },
    media: media === 'embedded' ? { kind: 'embedded' } : mediaServersOf(media),
  };
}

function mediaServersOf({ freeswitch }: Exclude<Sections['engine']['media'], 'embedded'>): Engine['media'] {
  const servers = freeswitch.map(({ sessions = null, ...server }) => ({ ...server, sessions }));
  return { kind: 'freeswitch', servers };
}

function poolOf(id: string, pool: Of<'pools'>, { campaigns }: Sections): Pool {
  return {
    id,
    carrier: pool.carrier,
    numbers: pool.numbers.flatMap(numbersOf),
    coolOff: pool.cool_off,
    low: pool.low,
    campaigns: [...campaigns].filter(([, campaign]) => campaign.pool === id).map(([campaign]) => campaign),
  };
}

function mapped<T, U>(
  things: ReadonlyMap<string, T>,
  make: (id: string, thing: T) => U,
): ReadonlyMap<string, U> {
  return new Map([...things].map(([id, thing]) => [id, make(id, thing)]));
}
