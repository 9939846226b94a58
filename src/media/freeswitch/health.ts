/**
 * What the answers of a FreeSWITCH to `status` say of its health. It is asked once a second; one who answers late leaves
 * the set and comes back once it answers in time again, one who does not answer at all counts as lost.
 */
export interface Status {
  /** False while it is paused or shuts down elegantly: it ends what it has, and takes nothing new. */
  readonly takesSessions: boolean;
  readonly sessions: number;
  readonly most: number;
}

/** Commands are answered in a millisecond; one of a call that waits so long would be heard as a gap. */
export const slowAfter = 400;
/** Past this nothing that is asked of it comes in time for a caller. */
export const lostAfter = 4_000;
const slowInARow = 2;
const fastInARow = 3;

/** Null where the text is none of a FreeSWITCH's. */
export function readStatus(text: string): Status | null {
  const ready = /^FreeSWITCH .* is (not )?ready\s*$/m.exec(text);
  const sessions = /^(\d+) session\(s\) - peak/m.exec(text)?.[1];
  const most = /^(\d+) session\(s\) max/m.exec(text)?.[1];
  if (ready === null || sessions === undefined || most === undefined) return null;
  return { takesSessions: ready[1] === undefined, sessions: Number(sessions), most: Number(most) };
}

/** `fast` and `slow` are what it is taken for; `streak` counts the answers in a row that say otherwise. */
interface Pace {
  readonly isSlow: boolean;
  readonly streak: number;
}

export const fromTheStart: Pace = { isSlow: false, streak: 0 };

/** One late answer is a hiccup, and one in time no recovery. */
export function paced({ isSlow, streak }: Pace, tookMs: number): Pace {
  const saysOtherwise = tookMs > slowAfter !== isSlow;
  if (!saysOtherwise) return { isSlow, streak: 0 };
  const enough = isSlow ? fastInARow : slowInARow;
  return streak + 1 >= enough ? { isSlow: !isSlow, streak: 0 } : { isSlow, streak: streak + 1 };
}
