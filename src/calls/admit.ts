import type { Carrier } from '../config/config.ts';
import { requiredExtensions } from '../required-extensions.ts';
import { attributesOf } from '../routing/attributes.ts';
import { normalizeNumber } from '../routing/number.ts';
import type { NumberEntry } from '../routing/table.ts';
import type { Attributes } from '../conditions/condition.ts';
import { offersPlainAudio } from '../sdp/codecs.ts';
import type { Offer } from '../signalling/signalling.ts';
import type { Floor } from './floor.ts';
import { callerIdentity } from './identity.ts';
import { needsMedia } from './needs-media.ts';
import { ofCall } from './of-call.ts';
import { ownerOf } from './owner.ts';
import type { Table } from './table.ts';
import { turnAway } from './turn-away.ts';

export type Refusal =
  | 'unknown_carrier'
  | 'draining'
  | 'journal_unwritable'
  | 'max_calls'
  | 'carrier_concurrency'
  | 'carrier_cps'
  | 'cps'
  | 'stalled'
  | 'overloaded'
  | 'media_full'
  | 'loop'
  | 'too_many_hops'
  | 'extension_required'
  | 'unknown_number'
  | 'publisher_paused'
  | 'unacceptable_offer'
  | 'defect';

export type Admission =
  | {
      readonly ok: true;
      readonly carrier: Carrier;
      readonly table: Table;
      /** When it came, in milliseconds since the epoch: at which the number was whose it is said to be. */
      readonly at: number;
      /** The same instant of a clock that is never set, from which the call's times are counted. */
      readonly began: number;
      readonly entry: NumberEntry;
      readonly from: string | null;
      readonly to: string;
      readonly attributes: Attributes;
      /** How often the call may yet go from switch to switch. */
      readonly hops: number;
    }
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason: Refusal;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** A session for the caller, and one for the buyer. */
const sessionsOfACall = 2;
/** Where nothing is said (RFC 3261 8.1.1.6). */
const mostHops = 70;

/** The first look at an INVITE: who sends it, is there room, whose number is it. Cheap, and before anything is held. */
export function admit(offer: Offer, floor: Floor): Admission {
  const carrier = floor.carriers.find(offer.source.host);
  if (!carrier) return { ok: false, status: 403, reason: 'unknown_carrier' };
  const full = whyNoRoom(carrier, floor);
  if (full !== null) return { ok: false, reason: full, ...turnAway(carrier) };
  const hops = hopsLeft(offer);
  if (hops === null) return { ok: false, status: 483, reason: 'too_many_hops' };
  if (isOurOwn(offer, floor)) return { ok: false, status: 482, reason: 'loop' };
  const required = requiredExtensions(offer.header('Require'));
  if (required !== null)
    return { ok: false, status: 420, reason: 'extension_required', headers: { Unsupported: required } };

  const table = floor.table();
  const { network } = table.routing;
  const to = normalizeNumber(offer.to, network.country);
  const at = floor.now();
  const began = floor.monotonic();
  const owner = to === null ? null : ownerOf(to, at, table.routing, floor.held);
  if (owner?.kind === 'unknown_campaign')
    floor.events.heldForUnknownCampaign(owner.campaign, owner.publisher);
  if (to === null || owner?.kind !== 'owned') return { ok: false, status: 404, reason: 'unknown_number' };
  if (owner.paused) return { ok: false, status: 480, reason: 'publisher_paused' };
  const { entry, tags } = owner;
  const unacceptable = unacceptableOffer(offer);
  if (unacceptable !== null) return { ok: false, reason: 'unacceptable_offer', ...unacceptable };
  if (needsMedia(entry.campaign, offer.sdp) && (floor.media.free ?? sessionsOfACall) < sessionsOfACall) {
    return { ok: false, reason: 'media_full', ...turnAway(carrier) };
  }
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
  return { ok: true, carrier, table, at, began, entry, from, to, attributes, hops };
}

/** Asked in the order of what it costs; the last one counts the call as taken. */
function whyNoRoom(carrier: Carrier, floor: Floor): Refusal | null {
  const closed = floor.closedFor();
  if (closed !== null) return closed;
  const { limits, registry, carriers } = floor;
  if (registry.size >= limits.maxCalls) return 'max_calls';
  const now = floor.monotonic();
  const limit = carriers.limit(carrier, now);
  if (limit !== null) return limit;
  if (limits.cps !== null && carriers.startedThisSecond(now) >= limits.cps) return 'cps';
  return floor.overload.refuses(now);
}

/** Null: it has gone from switch to switch too often (RFC 3261 16.3, which a switch between two calls is to keep, too). */
function hopsLeft(offer: Offer): number | null {
  const said = (offer.header('Max-Forwards') ?? '').split(',').filter((one) => /^\s*\d{1,3}\s*$/.test(one));
  if (said.length === 0) return mostHops;
  // Said more than once, the least counts: nothing of a loop may be overlooked.
  const least = Math.min(mostHops, ...said.map(Number));
  return least === 0 ? null : least - 1;
}

/** A call that we placed and that was sent back to us: by a trunk that leads here, or one behind it. */
function isOurOwn(offer: Offer, floor: Floor): boolean {
  const placedFor = offer.header(ofCall);
  return placedFor !== undefined && floor.registry.has(placedFor.trim());
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
