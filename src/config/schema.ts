import { z } from 'zod';
import { buyer } from './sections/buyers.ts';
import { campaign, publisher, trackingNumber } from './sections/campaigns.ts';
import { carrier, pool } from './sections/carriers.ts';
import { named, path } from './sections/fields.ts';
import type { Given } from './sections/fields.ts';
import { ivr } from './sections/ivrs.ts';
import {
  databaseField,
  engineSection,
  httpSection,
  limitsSection,
  networkSection,
} from './sections/switch.ts';
import { trunk } from './sections/trunks.ts';

/** Every key that a config file may have, and how its text is read. */
export const schema = (given: Given) =>
  z.strictObject({
    network: networkSection(),
    engine: engineSection().prefault({}),
    data: path(given).prefault('data'),
    database: databaseField().default('embedded'),
    http: httpSection().prefault({}),
    limits: limitsSection().prefault({}),
    carriers: named(carrier()).prefault({}),
    pools: named(pool(given)).prefault({}),
    trunks: named(trunk()).prefault({}),
    buyers: named(buyer(given)).prefault({}),
    ivrs: named(ivr(given)).prefault({}),
    campaigns: named(campaign(given)).prefault({}),
    publishers: named(publisher(given)).prefault({}),
    numbers: named(trackingNumber()).prefault({}),
  });

/** A file in which every text was read, nothing yet joined. */
export type Sections = z.output<ReturnType<typeof schema>>;
