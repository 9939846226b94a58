import type { RoutingTable } from '../routing/table.ts';

/** The routing table of an instant, by the hash under which its terms are journalled. */
export interface Table {
  readonly hash: string;
  readonly routing: RoutingTable;
}
