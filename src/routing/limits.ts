/** What limits are held on, and whether they are reached. */
import type { Cap, Publisher, Subject } from './network.ts';
import type { World } from './plan.ts';

export const subjectOf = {
  buyer: (id: string): Subject => `buyer:${id}`,
  // Joined, the text is one piece in memory; a template's would be four, of which a network has half a million.
  route: (campaign: string, buyer: string): Subject => ['route:', campaign, '/', buyer].join('') as Subject,
  campaign: (id: string): Subject => `campaign:${id}`,
  publisher: (id: string): Subject => `publisher:${id}`,
  trunk: (id: string): Subject => `trunk:${id}`,
} as const;

export interface Limited {
  readonly subject: Subject;
  readonly concurrency: number | null;
  readonly caps: readonly Cap[];
}

/** The first cap that is full. Allocates nothing. */
export function fullCap(limited: Limited | null, world: World): Cap | null {
  if (limited === null) return null;
  const { subject, caps } = limited;
  for (const cap of caps) {
    if (world.counted(subject, cap.count, cap.per) >= cap.limit) return cap;
  }
  return null;
}

export function isBusy(limited: Limited | null, world: World): boolean {
  if (limited === null || limited.concurrency === null) return false;
  return world.live(limited.subject) >= limited.concurrency;
}

/** The limits that all routes of a call have in common: its campaign's, and its publisher's. */
export interface Common {
  /** Where a cap is full; null: nowhere. */
  readonly capped: Limited | null;
  /** Where no slot is free. */
  readonly busy: Limited | null;
}

export function commonLimits(campaign: Limited, publisher: Limited | undefined, world: World): Common {
  const other = publisher ?? null;
  const capped = fullCap(campaign, world) ? campaign : fullCap(other, world) ? other : null;
  const busy = isBusy(campaign, world) ? campaign : isBusy(other, world) ? other : null;
  return capped === null && busy === null ? free : { capped, busy };
}

export function limitsOfPublisher({ id, concurrency, caps }: Publisher): Limited {
  return Object.freeze({ subject: subjectOf.publisher(id), concurrency, caps });
}

const free: Common = Object.freeze({ capped: null, busy: null });
