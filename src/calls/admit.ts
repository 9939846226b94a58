import type { Carrier } from '../config/config.ts';
import { attributesOf } from '../routing/attributes.ts';
import { normalizeNumber } from '../routing/number.ts';
import type { NumberEntry } from '../routing/table.ts';
import type { Attributes } from '../conditions/condition.ts';
import type { Offer } from '../signalling/signalling.ts';
import type { Floor } from './floor.ts';
import { callerIdentity } from './identity.ts';
import type { Table } from './table.ts';

export type Refusal =
  | 'unknown_carrier'
  | 'draining'
  | 'max_calls'
  | 'carrier_concurrency'
  | 'carrier_cps'
  | 'unknown_number'
  | 'defect';

export type Admission =
  | {
      readonly ok: true;
      readonly carrier: Carrier;
      readonly table: Table;
      readonly entry: NumberEntry;
      readonly from: string | null;
      readonly to: string;
      readonly attributes: Attributes;
    }
  | { readonly ok: false; readonly status: number; readonly reason: Refusal; readonly retryAfter?: number };

/** Seconds after which a carrier may try again; short, for limits pass with the next hang-up. */
const retryAfter = 5;

/** The first look at an INVITE: who sends it, is there room, whose number is it. Cheap, and before anything is held. */
export function admit(offer: Offer, floor: Floor): Admission {
  const carrier = floor.carriers.find(offer.source.host);
  if (!carrier) return { ok: false, status: 403, reason: 'unknown_carrier' };
  const now = floor.now();
  const full = floor.isDraining()
    ? 'draining'
    : floor.registry.size >= floor.limits.maxCalls
      ? 'max_calls'
      : floor.carriers.limit(carrier, now);
  if (full !== null) return { ok: false, status: 503, reason: full, retryAfter };

  const table = floor.table();
  const { network } = table.routing;
  const to = normalizeNumber(offer.to, network.country);
  const entry = to === null ? null : table.routing.number(to);
  if (to === null || entry === null) return { ok: false, status: 404, reason: 'unknown_number' };
  const identity = callerIdentity(offer);
  const from = identity.from === null ? null : normalizeNumber(identity.from, network.country);
  const attributes = attributesOf({
    from,
    to,
    entry,
    at: now,
    country: network.country,
    timezone: network.timezone,
    attestation: identity.attestation,
  });
  return { ok: true, carrier, table, entry, from, to, attributes };
}
