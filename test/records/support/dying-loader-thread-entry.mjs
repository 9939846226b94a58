// A loading thread that dies half a second after its start, again and again.
import { register } from 'node:module';

register('./typescript-hook.mjs', import.meta.url);
await import('../../../src/records/loader/thread-entry.ts');
setTimeout(() => {
  throw new Error('a bug');
}, 500);
