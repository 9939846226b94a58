import { entryBeside, startWorker, type RunningWorker } from '../worker/handle.ts';
import type { MediaServer, MediaServerOptions, MediaServerStats } from './server.ts';

/** What the media server says of itself once it is up. */
export type MediaFacts = Pick<MediaServer, 'sip' | 'eventSocket'>;
/** The media of all calls is lost when it fails. */
export type MediaWorker = MediaFacts & RunningWorker<MediaServerStats>;

/**
 * `startMediaServer` in a thread of its own, so that audio never waits for the app. Rejects with StartError where an
 * address cannot be had.
 */
export function startMediaWorker({ log, ...data }: MediaServerOptions): Promise<MediaWorker> {
  return startWorker({ name: 'media', entry: entryBeside(import.meta.url), data, log });
}
