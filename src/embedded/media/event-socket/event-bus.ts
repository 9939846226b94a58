import { MediaEvent, type EventHeaders, type Subject } from './event.ts';

export interface EventListener {
  wants(subject: Subject): boolean;
  deliver(event: MediaEvent): void;
}

/**
 * Carries events to the connections that subscribed to them; an event that nobody wants is not even put together.
 * Most connections hear of one channel only, and are found by it: an event costs the same however many channels live.
 */
export class EventBus {
  readonly #general = new Set<EventListener>();
  readonly #byChannel = new Map<string, Set<EventListener>>();
  readonly #onDefect: (error: unknown, about: string) => void;

  /** `onDefect`: an event could not be told; `about` is the uuid of its channel, or empty. */
  constructor(onDefect: (error: unknown, about: string) => void) {
    this.#onDefect = onDefect;
  }

  /** `channels` are the uuids, in lower case, of which alone the listener wants to hear; undefined for everything. */
  add(listener: EventListener, channels?: readonly string[]): void {
    this.remove(listener);
    if (channels === undefined) this.#general.add(listener);
    for (const uuid of channels ?? []) {
      const those = this.#byChannel.get(uuid) ?? new Set();
      this.#byChannel.set(uuid, those.add(listener));
    }
  }

  remove(listener: EventListener): void {
    this.#general.delete(listener);
    for (const [uuid, those] of this.#byChannel) {
      those.delete(listener);
      if (those.size === 0) this.#byChannel.delete(uuid);
    }
  }

  /** `about` is the uuid of the channel that the event is of, if it is of one. Never throws: a call does not end by what is told of it. */
  publish(
    subject: Subject,
    headers: () => EventHeaders,
    { about = '', body }: { about?: string; body?: string } = {},
  ): void {
    try {
      this.#tell(subject, headers, about, body);
    } catch (error) {
      this.#onDefect(error, about);
    }
  }

  #tell(subject: Subject, headers: () => EventHeaders, about: string, body: string | undefined): void {
    let event: MediaEvent | undefined;
    for (const listeners of [this.#general, this.#byChannel.get(about) ?? nobody]) {
      for (const listener of listeners) {
        if (!listener.wants(subject)) continue;
        event ??= new MediaEvent(subject, headers(), body);
        listener.deliver(event);
      }
    }
  }
}

const nobody: ReadonlySet<EventListener> = new Set();
