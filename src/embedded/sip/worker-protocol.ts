import type { Listening, HostPort, StackLog } from './stack.ts';
import type { SipServerOptions, SipServerStats } from './server.ts';

/** What goes between the main thread and the worker that the SIP server runs in. */
export type WorkerOptions = Omit<SipServerOptions, 'log'>;

export type ToWorker = { readonly kind: 'stats' } | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'started'; readonly control: HostPort; readonly listening: readonly Listening[] }
  | { readonly kind: 'refused'; readonly message: string; readonly code: string; readonly address: string }
  | { readonly kind: 'stats'; readonly stats: SipServerStats }
  | { readonly kind: 'log'; readonly line: Parameters<StackLog> }
  | { readonly kind: 'closed' };
