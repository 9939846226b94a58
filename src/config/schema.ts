import { z } from 'zod';
import { buyer } from './sections/buyers.ts';
import { campaign, publisher, trackingNumber } from './sections/campaigns.ts';
import { carrier, pool } from './sections/carriers.ts';
import { name, named, path } from './sections/fields.ts';
import type { Given } from './sections/fields.ts';
import { ivr } from './sections/ivrs.ts';
import {
  databaseField,
  engineSection,
  httpSection,
  limitsSection,
  logSection,
  networkSection,
  recordsSection,
  traceSection,
} from './sections/switch.ts';
import { trunk } from './sections/trunks.ts';

/** What the switch itself is: said once, in the file that is named. */
const ofSwitch = (given: Given) => ({
  network: networkSection(),
  engine: engineSection().prefault({}),
  data: path(given).prefault('data'),
  database: databaseField().default('embedded'),
  http: httpSection().prefault({}),
  limits: limitsSection().prefault({}),
  log: logSection().prefault({}),
  trace: traceSection().prefault({}),
  records: recordsSection().prefault({}),
});

/** What may stand in an included file as well. */
const shared = (given: Given) => ({
  include: z.array(name()).default([]),
  carriers: named(carrier()).prefault({}),
  pools: named(pool(given)).prefault({}),
  trunks: named(trunk()).prefault({}),
  buyers: named(buyer(given)).prefault({}),
  ivrs: named(ivr(given)).prefault({}),
  campaigns: named(campaign(given)).prefault({}),
  publishers: named(publisher(given)).prefault({}),
  numbers: named(trackingNumber()).prefault({}),
});

/** Sections that only the file that is named may have. */
export const switchSections = [
  'network',
  'engine',
  'data',
  'database',
  'http',
  'limits',
  'log',
  'trace',
  'records',
] as const;

/** Sections of things by their names. */
export const namedSections = [
  'carriers',
  'pools',
  'trunks',
  'buyers',
  'ivrs',
  'campaigns',
  'publishers',
  'numbers',
] as const;

/** Every key that a config file may have, and how its text is read. */
export const schema = (given: Given) => z.strictObject({ ...ofSwitch(given), ...shared(given) });

/** As `schema`, of a file that another one includes. */
export const includedSchema = (given: Given) => z.strictObject(shared(given));

/** A config in which every text was read, nothing yet joined. */
export type Sections = z.output<ReturnType<typeof schema>>;
export type IncludedSections = z.output<ReturnType<typeof includedSchema>>;

/** The things of all files, as if one file had them. Names are told to be given twice before. */
export function joined(main: Sections, included: readonly IncludedSections[]): Sections {
  if (included.length === 0) return main;
  const all = [main, ...included];
  return {
    ...main,
    carriers: together(all.map(({ carriers }) => carriers)),
    pools: together(all.map(({ pools }) => pools)),
    trunks: together(all.map(({ trunks }) => trunks)),
    buyers: together(all.map(({ buyers }) => buyers)),
    ivrs: together(all.map(({ ivrs }) => ivrs)),
    campaigns: together(all.map(({ campaigns }) => campaigns)),
    publishers: together(all.map(({ publishers }) => publishers)),
    numbers: together(all.map(({ numbers }) => numbers)),
  };
}

const together = <T>(parts: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> =>
  new Map(parts.flatMap((part) => [...part]));
