import type { Opened } from '../media/media.ts';
import type { Holding, Scope } from './scope.ts';

/** An endpoint is on the books from the moment it is asked for: one that arrives after the call's end is closed. */
export function holdOpening(scope: Scope, opening: Promise<Opened>): Holding {
  return scope.hold('endpoint', async () => {
    const opened = await opening;
    if (opened.ok) await opened.endpoint.close();
  });
}
