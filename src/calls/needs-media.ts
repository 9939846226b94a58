import type { Campaign } from '../routing/network.ts';

/**
 * No menu, no recording, no second buyer for a caller who talked to one, an offer of the caller's own, not told
 * otherwise: the legs exchange media directly.
 */
export function needsMedia({ media, ivr, record, routing }: Campaign, callerSdp: string | null): boolean {
  const mayGoOn = routing.onEarlyHangup?.retry === true;
  return media === 'anchored' || ivr !== null || record !== 'off' || mayGoOn || callerSdp === null;
}
