import { setTimeout as pause } from 'node:timers/promises';
import { listensAt } from '../../test/support/listens-at.ts';

/** Somebody takes UDP there; throws after 10 s. */
export async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await listensAt(port, 'udp'))) {
    if (performance.now() > deadline) throw new Error(`nobody listens on port ${port}`);
    await pause(20);
  }
}
