/** A look that is asked for while another is under way follows it, for that one may have begun too early to see what is new. */
export interface Looks {
  /** Resolves when a look that began after this was asked for is over; all who ask meanwhile share the next one. */
  look(): Promise<void>;
  isLooking(): boolean;
  /** Resolves when no look is under way or asked for. */
  over(): Promise<void>;
}

/** `story` never rejects. */
export function oneAtATime(story: () => Promise<void>): Looks {
  let present: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    present = story().then(() => {
      present = null;
    });
    return present;
  };
  const follow = (before: Promise<void>): Promise<void> =>
    before.then(() => {
      next = null;
      return begin();
    });
  return {
    look: () => next ?? (present === null ? begin() : (next = follow(present))),
    isLooking: () => present !== null || next !== null,
    over: async () => {
      await (next ?? present);
    },
  };
}
