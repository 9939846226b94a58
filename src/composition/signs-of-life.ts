import type { Registry } from '../calls/registry.ts';
import type { Journal } from '../records/journal/journal.ts';

/** How often the journal says which calls live: what a killed switch loses is the time since. */
const aliveEvery = 5_000;

/** Returns what ends it. */
export function saySignsOfLife(registry: Registry, journal: Journal): () => void {
  const timer = setInterval(() => {
    const calls = registry.ids();
    if (calls.length > 0) journal.append({ type: 'alive', at: Date.now(), calls });
  }, aliveEvery);
  return () => clearInterval(timer);
}
