import type { Admission } from './admission.ts';
import type { Application } from './application.ts';
import type { FrameClock } from '../clock.ts';
import type { EventBus } from '../event-socket/event-bus.ts';
import type { Identity } from '../event-socket/event.ts';
import type { Log } from '../../log.ts';
import type { AudioLibrary } from '../playback/library.ts';
import type { Channel } from './channel.ts';

/** What a channel lives among. */
export interface Surroundings {
  readonly clock: FrameClock<Channel>;
  readonly events: EventBus;
  readonly identity: Identity;
  readonly audio: AudioLibrary;
  readonly channels: Channels;
  readonly admission: Admission;
  /** What can be executed on a channel, by the name under which FreeSWITCH has it. */
  readonly applications: ReadonlyMap<string, Application>;
  readonly log: Log;
  /** Something of ours threw: counts and logs it, and hangs up the channel that it was about, no other. */
  readonly defect: (error: unknown, channel?: Channel, fields?: Record<string, string>) => void;
  /** An RTP time-out for channels that set none of their own; 0 for none. */
  readonly rtpTimeoutMs: number;
  /** The folder that recordings lie below; absolute. */
  readonly recordings: string;
}

/** The live channels, by their uuid, and how many there have been. */
export class Channels {
  readonly #live = new Map<string, Channel>();
  #born = 0;
  #peak = 0;

  get live(): number {
    return this.#live.size;
  }

  get born(): number {
    return this.#born;
  }

  get peak(): number {
    return this.#peak;
  }

  add(channel: Channel): number {
    this.#live.set(channel.uuid, channel);
    this.#peak = Math.max(this.#peak, this.#live.size);
    return ++this.#born;
  }

  remove(channel: Channel): void {
    this.#live.delete(channel.uuid);
  }

  get(uuid: string): Channel | undefined {
    return this.#live.get(uuid.toLowerCase());
  }

  [Symbol.iterator](): Iterator<Channel> {
    return this.#live.values();
  }
}
