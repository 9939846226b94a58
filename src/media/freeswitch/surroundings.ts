/** What a FreeSWITCH is by the config, and what those of a switch have in common. */
import type { Log } from '../../log.ts';
import type { Books } from './books.ts';
import type { ServerAddress } from './probe.ts';

/** One FreeSWITCH as the config has it. */
export interface ServerConfig extends ServerAddress {
  /** Its part of the calls, against the weights of the others; 1 unless given. */
  readonly weight?: number;
  /** Sessions that it may have of all who use it; as many as it says itself unless given. */
  readonly sessions?: number | null;
  /** No new calls go to it. */
  readonly drain?: boolean;
}

/** What the servers of a switch have in common. */
export interface Surroundings {
  /** The signalling side's connection, through which fsmrf places the INVITE of each endpoint. */
  readonly srf: object;
  /** What marks our channels there, in the next life too. */
  readonly owner: string;
  readonly log: Log;
  readonly every: Rhythm;
  readonly books: Books;
}

/** How often it is looked at, milliseconds. */
export interface Rhythm {
  readonly status: number;
  readonly sweep: number;
}

export const rhythm: Rhythm = { status: 1_000, sweep: 30_000 };
