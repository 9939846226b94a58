/** A time-out is found at most a quarter of itself too late. */
const looksWithin = 4;
const leastPause = 250;

/**
 * Watches the count of packets that came on a channel, and tells once it has stood still for `withinMs`. FreeSWITCH
 * has a time-out of its own, but reads `media_timeout` when the media of a channel start, and no later; and what is
 * silence depends on what the call is doing, which FreeSWITCH is not told. Returns the end of the watch.
 */
export function watchForSilence(
  withinMs: number,
  channel: {
    /** Packets that came so far; null where that cannot be had now. */
    packets(): Promise<number | null>;
    expectsAudio(): boolean;
    silent(): void;
  },
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let count: number | null = null;
  let heardAt = performance.now();

  const look = async () => {
    const now = await channel.packets();
    if (isOver) return;
    // A server that cannot say is not a far end that is silent.
    if (now === null || now !== count || !channel.expectsAudio()) heardAt = performance.now();
    count = now ?? count;
    if (performance.now() - heardAt < withinMs) schedule();
    else channel.silent();
  };
  const schedule = () => {
    timer = setTimeout(() => void look(), Math.max(leastPause, withinMs / looksWithin));
  };
  schedule();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
