/** Whose a number is at an instant: the config's word first, then what publishers hold. */
import type { NumberEntry, RoutingTable } from '../routing/table.ts';
import type { HeldNumbers } from '../routing/held.ts';

export type Owner =
  | {
      readonly kind: 'owned';
      readonly entry: NumberEntry;
      readonly paused: boolean;
      readonly tags: Readonly<Record<string, string>>;
    }
  /** Somebody holds it for a campaign that this table has not. */
  | { readonly kind: 'unknown_campaign'; readonly campaign: string; readonly publisher: string };

/** Null: it is nobody's. `at`: milliseconds since the epoch. */
export function ownerOf(
  number: string,
  at: number,
  table: RoutingTable,
  heldNumbers: HeldNumbers,
): Owner | null {
  const given = table.number(number);
  if (given !== null) return { kind: 'owned', entry: given, paused: false, tags: none };
  const held = heldNumbers(number, at);
  if (held === null) return null;
  const { publisher, source, paused, tags = none } = held;
  const campaign = table.campaigns.get(held.campaign)?.campaign;
  if (campaign === undefined) return { kind: 'unknown_campaign', campaign: held.campaign, publisher };
  return { kind: 'owned', entry: { campaign, publisher, source }, paused, tags };
}

const none: Readonly<Record<string, string>> = Object.freeze({});
