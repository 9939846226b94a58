/** How a media server stands, as far as a choice between several needs to know. Plain data: the choice is pure. */
export interface Standing {
  readonly state: 'up' | 'slow' | 'full' | 'drained' | 'down';
  /** Its part of the calls, against the weights of the others. */
  readonly weight: number;
  /** Sessions at most; null where it did not say yet. */
  readonly sessions: number | null;
  /** Sessions that it has, and that are on their way to it. */
  readonly used: number;
}

/** What FreeSWITCH allows unless told otherwise. */
const sessionsUnlessTold = 1_000;

/**
 * The servers that may be asked for a session, the best first: that with the least used of what it can carry, by
 * weight. A slow one is asked only where every other is slow, too; a drained, full or lost one never.
 */
export function choose<S extends Standing>(servers: readonly S[]): readonly S[] {
  const open = servers.filter((server) => freeOf(server) !== 0);
  const up = open.filter(({ state }) => state === 'up');
  return (up.length > 0 ? up : open).toSorted((one, other) => fill(one) - fill(other));
}

/** Sessions that can be opened on it; null where it did not say yet how many it takes. */
function freeOf({ state, sessions, used }: Standing): number | null {
  if (state !== 'up' && state !== 'slow') return 0;
  return sessions === null ? null : Math.max(0, sessions - used);
}

/** Of all of them; null where one that takes sessions did not say yet how many. */
export function freeOfAll(servers: readonly Standing[]): number | null {
  const free = servers.map(freeOf);
  return free.includes(null) ? null : free.reduce<number>((sum, one) => sum + (one ?? 0), 0);
}

const fill = ({ used, weight, sessions }: Standing): number =>
  (used + 1) / (weight * (sessions ?? sessionsUnlessTold));
