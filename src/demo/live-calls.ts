/** What the switch itself says of its live calls, asked every so often. */
import { z } from 'zod';

const liveCalls = z.array(
  z.object({
    id: z.string(),
    from: z.string().nullable(),
    to: z.string(),
    state: z.string(),
    buyer: z.string().nullable(),
    connected_since: z.string().nullable(),
  }),
);
export type LiveCall = z.infer<typeof liveCalls>[number];

const everyMs = 200;

/** Calls `onLive` with each answer until `stop` aborts. A switch that does not answer is asked again. */
export async function watchLiveCalls(
  http: string,
  stop: AbortSignal,
  onLive: (calls: readonly LiveCall[]) => void,
): Promise<void> {
  while (!stop.aborted) {
    const next = new Promise((resolve) => setTimeout(resolve, everyMs));
    try {
      const answer = await fetch(`${http}/api/v1/calls/live`, { signal: stop });
      if (answer.ok) onLive(liveCalls.parse(await answer.json()));
    } catch (error) {
      if (error instanceof z.ZodError) throw error;
    }
    await next;
  }
}
