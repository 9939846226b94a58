import { setTimeout } from 'node:timers/promises';

/** Nobody's patience keeps the demo alive once it is over. */
export function pause(ms: number): Promise<void> {
  return setTimeout(ms, undefined, { ref: false });
}
