import type { Carrier } from '../config/config.ts';
import { attributesOf } from '../routing/attributes.ts';
import { normalizeNumber } from '../routing/number.ts';
import type { NumberEntry } from '../routing/table.ts';
import type { Attributes } from '../conditions/condition.ts';
import { offersPlainAudio } from '../sdp/codecs.ts';
import type { Offer } from '../signalling/signalling.ts';
import type { Floor } from './floor.ts';
import { callerIdentity } from './identity.ts';
import { ownerOf } from './owner.ts';
import type { Table } from './table.ts';

export type Refusal =
  | 'unknown_carrier'
  | 'draining'
  | 'journal_unwritable'
  | 'max_calls'
  | 'carrier_concurrency'
  | 'carrier_cps'
  | 'unknown_number'
  | 'publisher_paused'
  | 'unacceptable_offer'
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
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason: Refusal;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** Seconds after which a carrier may try again; short, for limits pass with the next hang-up. */
export const retryAfter = { 'Retry-After': '5' } as const;

/** The first look at an INVITE: who sends it, is there room, whose number is it. Cheap, and before anything is held. */
export function admit(offer: Offer, floor: Floor): Admission {
  const carrier = floor.carriers.find(offer.source.host);
  if (!carrier) return { ok: false, status: 403, reason: 'unknown_carrier' };
  const closed = floor.closedFor();
  const full =
    closed !== null
      ? closed
      : floor.registry.size >= floor.limits.maxCalls
        ? 'max_calls'
        : floor.carriers.limit(carrier, floor.monotonic());
  if (full !== null) return { ok: false, status: 503, reason: full, headers: retryAfter };

  const table = floor.table();
  const { network } = table.routing;
  const to = normalizeNumber(offer.to, network.country);
  const at = floor.now();
  const owner = to === null ? null : ownerOf(to, at, table.routing, floor.held);
  if (owner?.kind === 'unknown_campaign')
    floor.events.heldForUnknownCampaign(owner.campaign, owner.publisher);
  if (to === null || owner?.kind !== 'owned') return { ok: false, status: 404, reason: 'unknown_number' };
  if (owner.paused) return { ok: false, status: 480, reason: 'publisher_paused' };
  const { entry, tags } = owner;
  const unacceptable = unacceptableOffer(offer);
  if (unacceptable !== null) return { ok: false, reason: 'unacceptable_offer', ...unacceptable };
  const { from, anonymous, attestation } = callerIdentity(offer, network.country);
  const attributes = attributesOf({
    from,
    anonymous,
    to,
    entry,
    tags,
    at,
    country: network.country,
    timezone: network.timezone,
    attestation,
  });
  return { ok: true, carrier, table, entry, from, to, attributes };
}

/** A body that is no SDP, no audio in it, or audio that we would have to encrypt (RFC 3261 21.4.13 and 21.4.26). */
function unacceptableOffer(offer: Offer): { status: number; headers?: Record<string, string> } | null {
  if (offer.sdp === null && !offer.hasOtherBody) return null;
  const type = offer.header('Content-Type') ?? 'application/sdp';
  const isWrapped = /^\s*multipart\//i.test(type);
  if (isWrapped ? offer.sdp === null : !/^\s*application\/sdp\b/i.test(type))
    return { status: 415, headers: { Accept: 'application/sdp, multipart/mixed' } };
  if (offer.sdp === null) return { status: 488 };
  return offersPlainAudio(offer.sdp) ? null : { status: 488 };
}
