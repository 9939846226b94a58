/** What /healthz and /readyz say: whether the process is sound, and whether it takes calls. */
import { within } from '../deadline.ts';
import type { LoopDelay } from '../event-loop.ts';

/** A thread of the embedded engine: one that lives tells its figures. */
interface Thread {
  stats(): Promise<unknown>;
}

/** A probe waits for it, and those that ask wait a few seconds at most. */
const answersWithin = 800;
/** Past this calls are lost: far ends give up, timers of SIP run out. */
const stoodStill = 5_000;

/**
 * Why a supervisor should start the process anew; empty: it need not. The loader is not asked: a thread of it that dies
 * is started again. Nor is the database: calls go on without it.
 */
export async function unsound(of: {
  readonly loop: () => Pick<LoopDelay, 'max'>;
  readonly threads: Readonly<Record<string, Thread | null>>;
}): Promise<readonly string[]> {
  const threads = await Promise.all(
    Object.entries(of.threads).map(async ([name, thread]) => {
      if (!thread) return null;
      const answered = thread.stats().then(
        () => true,
        () => false,
      );
      return (await within(answersWithin, answered, false)) ? null : `the ${name} thread does not answer`;
    }),
  );
  const { max } = of.loop();
  return [
    ...(max > stoodStill ? [`the event loop stood still for ${(max / 1000).toFixed(1)} s`] : []),
    ...threads.filter((reason) => reason !== null),
  ];
}

/** Why no calls are taken; empty: they are. */
export function unready(of: {
  readonly draining: boolean;
  readonly signalling: { readonly link: AbortSignal; readonly ready: boolean };
  readonly media: { readonly ready: boolean };
  readonly journal: { readonly healthy: boolean };
}): readonly string[] {
  return [
    ...(of.draining ? ['draining'] : []),
    ...noSignalling(of.signalling),
    ...(of.media.ready ? [] : ['no media server']),
    ...(of.journal.healthy ? [] : ['the journal cannot be written']),
  ];
}

function noSignalling({ link, ready }: { readonly link: AbortSignal; readonly ready: boolean }): string[] {
  if (link.aborted) return ['no link to the SIP server'];
  return ready ? [] : ['the SIP server was not told yet to send calls here'];
}
