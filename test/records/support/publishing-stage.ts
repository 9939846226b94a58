/** A config with pools, publishers and a given number, over records of its own; a clock that is turned by hand. */
import type { Kysely } from 'kysely';
import type { Clock } from '../../../src/publishers/clock.ts';
import type { Given } from '../../../src/publishers/given.ts';
import { publishers, type Publishers } from '../../../src/publishers/publishers.ts';
import type { Who } from '../../../src/publishers/publishing.ts';
import type { Schema } from '../../../src/records/schema.ts';
import type { TrackingNumber } from '../../../src/routing/network.ts';

export const mara: Who = { name: 'mara', publisher: null };
export const asPublisher = (publisher: string): Who => ({ name: publisher, publisher });

export interface PublishingStage extends Publishers {
  now: Date;
  /** A reload replaces it. */
  given: Given;
  /** An application of a new publisher; its id. */
  applied(campaign?: string, source?: string | null): Promise<string>;
  /** One that was approved; with its number. */
  approved(
    campaign?: string,
  ): Promise<{ readonly id: string; readonly publisher: string; readonly number: string }>;
}

export const day = 86_400_000;

export const range = (first: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `+${first + at}`);

export const givenNumber = (number: string, publisher = 'clickwise'): readonly [string, TrackingNumber] => [
  number,
  { number, campaign: 'solar', publisher, source: 'google-ads' },
];

export const aGiven = (
  change: Partial<Given> & { readonly numbers?: Given['network']['numbers'] } = {},
): Given => {
  const { numbers = new Map([givenNumber('+18005550100')]), ...rest } = change;
  return {
    country: 'US',
    pools: new Map([
      ['toll-free', { numbers: range(18005550100, 5), coolOff: 30 * day, campaigns: ['solar'] }],
      [
        'local',
        { numbers: ['+12145550101', '+12125550101', '+12145550102'], coolOff: 0, campaigns: ['roofing'] },
      ],
      ['many', { numbers: range(18885550000, 50), coolOff: day, campaigns: ['windows'] }],
    ]),
    network: {
      campaigns: new Map(
        ['solar', 'roofing', 'windows', 'poolless'].map((id) => [id, { name: id, advertiser: null }]),
      ),
      publishers: new Map([['clickwise', { name: 'Clickwise' }]]),
      numbers,
    },
    ...rest,
  };
};

let made = 0;

export function publishingStage(db: Kysely<Schema>, clock?: Clock): PublishingStage {
  const stage: PublishingStage = {
    now: new Date('2026-03-01T12:00:00.250Z'),
    given: aGiven(),
    ...publishers({
      ...{ db, given: () => stage.given, now: () => stage.now },
      clock: clock ?? (() => Promise.resolve(stage.now)),
    }),
    applied: async (campaign = 'roofing', source = null) => {
      const publisher = `publisher-${++made}`;
      await stage.addPublisher({ id: publisher, name: publisher });
      const applied = await stage.apply({ publisher, campaign, source });
      if (!applied.ok) throw new Error(applied.message);
      return applied.application.id;
    },
    approved: async (campaign = 'roofing') => {
      const id = await stage.applied(campaign);
      const approved = await stage.approve({ application: id, by: mara });
      if (!approved.ok) throw new Error(approved.message);
      return { id, publisher: approved.application.publisher, number: approved.number };
    },
  };
  return stage;
}
