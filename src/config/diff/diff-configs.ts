import type { Config } from '../config.ts';
import { buyerChanges } from './buyers.ts';
import { campaignChanges } from './campaigns.ts';
import { kinds } from './change.ts';
import type { Change } from './change.ts';
import { numberChanges } from './numbers.ts';
import { publisherChanges } from './publishers.ts';
import { supplyChanges } from './supply.ts';
import { switchChanges } from './switch.ts';

/** What is another in `after`, for whom: in the order of `kinds`, of one kind in the order of the files. */
export function diffConfigs(before: Config, after: Config): Change[] {
  const changes = [
    ...switchChanges(before, after),
    ...supplyChanges(before, after),
    ...buyerChanges(before, after),
    ...campaignChanges(before, after),
    ...publisherChanges(before, after),
    ...numberChanges(before, after),
  ];
  return changes.sort((a, b) => kinds.indexOf(a.about) - kinds.indexOf(b.about));
}
