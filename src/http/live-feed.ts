/**
 * The live calls, told as they change to those who listen. While anybody does, they are looked at a few times a second
 * and what is other than at the last look is told: however many calls come and go, nobody is told more often than that.
 * One who reads too slowly is told no changes, and once it has caught up, everything anew.
 */
import type { LiveCall } from '../calls/registry.ts';
import { publisherLiveCall } from './routes/publisher-views.ts';

export interface Listener {
  readonly id: string;
  /** Null: hears of all calls. */
  readonly publisher: string | null;
  readonly send: (event: string, data: unknown) => void;
  /** Whether what was sent is still on its way. */
  readonly isBehind: () => boolean;
}

/** What is there to be told, by the id of the call. */
type Told = ReadonlyMap<string, { readonly call: LiveCall; readonly text: string }>;

const lookEvery = 250;

export class LiveFeed {
  readonly #live: () => readonly LiveCall[];
  /** With what each was told last; null: everything must be told anew. */
  readonly #listeners = new Map<Listener, Told | null>();
  #timer: NodeJS.Timeout | undefined;

  constructor(live: () => readonly LiveCall[]) {
    this.#live = live;
  }

  get size(): number {
    return this.#listeners.size;
  }

  countOf(id: string): number {
    return [...this.#listeners.keys()].filter((listener) => listener.id === id).length;
  }

  /** Returns how to stop. */
  add(listener: Listener): () => void {
    this.#listeners.set(listener, null);
    this.#timer ??= setInterval(() => this.#look(), lookEvery);
    this.#look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #look(): void {
    const now: Told = new Map(this.#live().map((call) => [call.id, { call, text: JSON.stringify(call) }]));
    for (const [listener, before] of this.#listeners) {
      if (listener.isBehind()) this.#listeners.set(listener, null);
      else {
        tell(listener, before, now);
        this.#listeners.set(listener, now);
      }
    }
  }
}

function tell(listener: Listener, before: Told | null, now: Told): void {
  const { publisher, send } = listener;
  const isTheirs = ({ call }: { readonly call: LiveCall }) =>
    publisher === null || call.publisher === publisher;
  const viewOf = ({ call }: { readonly call: LiveCall }) =>
    publisher === null ? call : publisherLiveCall(call);
  const theirs = [...now.values()].filter(isTheirs);
  if (before === null) {
    send('live', theirs.map(viewOf));
    return;
  }
  const changed = theirs.filter(({ call, text }) => before.get(call.id)?.text !== text).map(viewOf);
  const gone = [...before.values()].filter((one) => isTheirs(one) && !now.has(one.call.id));
  if (changed.length + gone.length > 0) {
    const connected = theirs.filter(({ call }) => call.connected_since !== null).length;
    const counts = { live: theirs.length, connected };
    send('changed', { changed, gone: gone.map(({ call }) => call.id), counts });
  }
}
