// A loading thread that dies half a second after its start, again and again; later where the machine is so slow that it
// has not come to load anything in that time.
import { register } from 'node:module';

register('./typescript-hook.mjs', import.meta.url);
await import('../../../src/records/loader/thread-entry.ts');
setTimeout(
  () => {
    throw new Error('a bug');
  },
  500 + 50 * process.uptime(),
);
