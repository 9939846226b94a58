/** What limits are held on, and whether they are reached. */
import type { Cap, Publisher, Subject } from './network.ts';
import type { World } from './plan.ts';
import type { Usage, Usages } from './usage.ts';

export const subjectOf = {
  buyer: (id: string): Subject => `buyer:${id}`,
  // Joined, the text is one piece in memory; a template's would be four, of which a network has half a million.
  route: (campaign: string, buyer: string): Subject => ['route:', campaign, '/', buyer].join('') as Subject,
  campaign: (id: string): Subject => `campaign:${id}`,
  publisher: (id: string): Subject => `publisher:${id}`,
  trunk: (id: string): Subject => `trunk:${id}`,
} as const;

/** Which limits are reached, as bits. */
export const reached = { nothing: 0, cap: 1, concurrency: 2 } as const;

/**
 * A subject and its limits. What a decision costs is the memory that it has to fetch, so it remembers where its usage
 * is, and, as long as nothing has happened there, whether a limit is reached.
 */
export class Limited {
  readonly subject: Subject;
  readonly concurrency: number | null;
  readonly caps: readonly Cap[];
  #usage: Usage | null = null;
  /** Who keeps it: another world has other figures. */
  #keptBy: Usages | null = null;
  #reached: number = reached.nothing;
  /** What is remembered holds for these changes of the usage and this quarter of an hour. */
  #changes = -1;
  #quarter = 0;

  constructor(subject: Subject, { concurrency, caps }: Limits) {
    this.subject = subject;
    this.concurrency = concurrency;
    this.caps = caps.length === 0 ? none : caps;
  }

  /** Bits of `reached`. */
  reachedIn(world: World): number {
    const usage = this.usageIn(world);
    // A call that is not in its own way sees figures of its own.
    if (world.asking !== null) return this.#lookAt(usage, world);
    const quarter = Math.floor(world.now / quarterMs);
    if (this.#changes < 0 || usage.changes !== this.#changes || quarter !== this.#quarter) {
      this.#reached = this.#lookAt(usage, world);
      this.#changes = usage.changes;
      this.#quarter = quarter;
    }
    return this.#reached;
  }

  #lookAt(usage: Usage, world: World): number {
    const isBusy = this.concurrency !== null && usage.live(world.asking) >= this.concurrency;
    const capped = fullCap(this, world) === null ? reached.nothing : reached.cap;
    return isBusy ? capped | reached.concurrency : capped;
  }

  usageIn({ usages }: World): Usage {
    if (this.#usage !== null && this.#keptBy === usages) return this.#usage;
    this.#keptBy = usages;
    this.#changes = -1;
    return (this.#usage = usages.of(this.subject));
  }
}

interface Limits {
  readonly concurrency: number | null;
  readonly caps: readonly Cap[];
}

const none: readonly Cap[] = Object.freeze([]);
/** In every zone the periods of caps begin on one. */
const quarterMs = 900_000;

/** The first cap that is full. Allocates nothing. */
export function fullCap(limited: Limited | null, world: World): Cap | null {
  if (limited === null || limited.caps.length === 0) return null;
  const usage = limited.usageIn(world);
  for (const cap of limited.caps) {
    if (usage.counted(cap.count, cap.per, world.now, world.asking) >= cap.limit) return cap;
  }
  return null;
}

export function isBusy(limited: Limited | null, world: World): boolean {
  if (limited === null || limited.concurrency === null) return false;
  return limited.usageIn(world).live(world.asking) >= limited.concurrency;
}

/** null: it has no limit that could be reached. */
export function ifLimited(limited: Limited): Limited | null {
  return limited.concurrency === null && limited.caps.length === 0 ? null : limited;
}

/** Bits of `reached`. Allocates nothing. */
export function reachedOn(limited: Limited | null, world: World): number {
  return limited === null ? reached.nothing : limited.reachedIn(world);
}

/** The limits that all routes of a call have in common: its campaign's, and its publisher's. */
export interface Common {
  /** Where a cap is full; null: nowhere. */
  readonly capped: Limited | null;
  /** Where no slot is free. */
  readonly busy: Limited | null;
}

export function commonLimits(campaign: Limited | null, other: Limited | null, world: World): Common {
  const ofCampaign = reachedOn(campaign, world);
  const ofOther = reachedOn(other, world);
  if ((ofCampaign | ofOther) === reached.nothing) return free;
  const firstOf = (limit: number): Limited | null =>
    (ofCampaign & limit) !== 0 ? campaign : (ofOther & limit) !== 0 ? other : null;
  return { capped: firstOf(reached.cap), busy: firstOf(reached.concurrency) };
}

export function limitsOfPublisher(publisher: Publisher): Limited {
  return new Limited(subjectOf.publisher(publisher.id), publisher);
}

const free: Common = Object.freeze({ capped: null, busy: null });
