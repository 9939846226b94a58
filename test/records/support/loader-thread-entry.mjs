// The loading thread from the sources as they stand.
import { register } from 'node:module';

register('./typescript-hook.mjs', import.meta.url);
await import('../../../src/records/loader/thread-entry.ts');
