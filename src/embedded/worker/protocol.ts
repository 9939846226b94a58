import type { Load } from '../../event-loop.ts';
import type { Log } from '../log.ts';

/** What goes between the main thread and a server in a worker thread. */
export type ToWorker = { readonly kind: 'stats'; readonly id: number } | { readonly kind: 'close' };

export type FromWorker<Facts, Stats> =
  /** `facts`: what a server says of itself once it is up, addresses above all. */
  | { readonly kind: 'started'; readonly facts: Facts }
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'stats'; readonly id: number; readonly stats: Stats }
  /** Once a second, unasked. */
  | { readonly kind: 'load'; readonly load: Load }
  | { readonly kind: 'log'; readonly line: Parameters<Log> };

/** Why a server did not start; an exception does not survive the way between threads. */
export interface Refusal {
  readonly message: string;
  /** The system's, where an address cannot be had: EADDRINUSE … */
  readonly code?: string;
  readonly address?: string;
}
