/** What goes between a switch and the thread that loads its journal. */
import type { JournalStats } from '../journal/journal.ts';
import type { ReadView } from '../journal/reader.ts';
import type { LineFields } from '../records-log.ts';
import type { Subscription } from '../outbox/subscription.ts';
import type { LoaderStats } from './loader.ts';
import type { SettledCall } from './settled-call.ts';

/** What the thread is started with. */
export interface LoadOrder {
  readonly url: string;
  readonly journal: string;
  readonly snapshot: Snapshot;
  /** What an earlier thread told of; null where this is the first one. */
  readonly toldUpTo: number | null;
  readonly longestPause?: number;
  readonly subscriptions: readonly Subscription[];
}

/** The journal at one moment. */
export interface Snapshot {
  readonly view: ReadView;
  readonly stats: JournalStats;
}

export type ToThread =
  | { readonly kind: 'journal'; readonly snapshot: Snapshot }
  /** Who is told of calls from now on. */
  | { readonly kind: 'subscriptions'; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: 'stop' };

export type Figures = Omit<LoaderStats, 'lag' | 'lagSeconds'>;

export type FromThread =
  /** Everything up to this number was read: a snapshot is wanted once there is more. */
  | { readonly kind: 'wants'; readonly after: number }
  | {
      readonly kind: 'figures';
      readonly figures: Figures;
      /** Since the last message of this kind. */
      readonly settled: readonly SettledCall[];
      readonly rejected: readonly string[];
    }
  | { readonly kind: 'forget'; readonly seq: number }
  /** A line of this segment cannot be read. */
  | { readonly kind: 'damaged'; readonly segment: string }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: LineFields;
      readonly message: string;
    };
