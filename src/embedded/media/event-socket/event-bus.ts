import { MediaEvent, type EventHeaders, type Subject } from './event.ts';

export interface EventListener {
  wants(subject: Subject): boolean;
  deliver(event: MediaEvent): void;
}

/** Carries events to the connections that subscribed to them; an event that nobody wants is not even put together. */
export class EventBus {
  readonly #listeners = new Set<EventListener>();

  add(listener: EventListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: EventListener): void {
    this.#listeners.delete(listener);
  }

  publish(subject: Subject, headers: () => EventHeaders, body?: string): void {
    let event: MediaEvent | undefined;
    for (const listener of this.#listeners) {
      if (!listener.wants(subject)) continue;
      event ??= new MediaEvent(subject, headers(), body);
      listener.deliver(event);
    }
  }
}
