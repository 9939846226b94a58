import type { Log } from './log.ts';
import type { MediaServer, MediaServerOptions, MediaServerStats } from './server.ts';

/** What goes between the main thread and the worker that the media server runs in. */
export type WorkerOptions = Omit<MediaServerOptions, 'log'>;

export type ToWorker = { readonly kind: 'stats' } | { readonly kind: 'close' };

export type FromWorker =
  | ({ readonly kind: 'started' } & Pick<MediaServer, 'sip' | 'eventSocket'>)
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'stats'; readonly stats: MediaServerStats }
  | { readonly kind: 'log'; readonly line: Parameters<Log> };
