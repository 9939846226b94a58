/** What operations tell of publishers, applications and numbers. Times are ISO 8601 in UTC. */
import type { ApplicationState } from '../records/schema/publishers.ts';

export interface PublisherView {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'ended';
  /** By the YAML: no command ends it. */
  readonly given: boolean;
  /** Null of one that is given. */
  readonly created_at: string | null;
}

export interface ApplicationView {
  readonly id: string;
  readonly publisher: string;
  readonly campaign: string;
  readonly source: string | null;
  readonly state: ApplicationState;
  readonly applied_at: string;
  readonly decided_at: string | null;
  readonly decided_by: string | null;
  readonly why: string | null;
  /** What it holds now. */
  readonly numbers: readonly HeldNumber[];
}

export interface HeldNumber {
  readonly number: string;
  readonly use: 'fixed' | 'visitors';
  /** May lie ahead, where somebody held it before. */
  readonly held_from: string;
}

export interface NumberView {
  readonly number: string;
  /** Null of one that the YAML gives out of no pool, or that was held and whose pool is gone. */
  readonly pool: string | null;
  readonly state: NumberState;
  readonly campaign: string | null;
  readonly publisher: string | null;
  readonly source: string | null;
  /** Null where no application holds it. */
  readonly application: string | null;
  /** Calls to it are refused for now. */
  readonly paused: boolean;
  /** Of one that rests: from when it may be given out. */
  readonly rests_until: string | null;
}

export type NumberState = 'free' | 'given' | 'held' | 'resting' | 'visitors';

/** A number in the hands of a publisher. */
export interface Holding {
  readonly number: string;
  readonly pool: string;
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  readonly application: string;
  readonly use: 'fixed' | 'visitors';
  readonly paused: boolean;
}

/** One line of who held a number when; `held_until` is null while it lasts. */
export interface HoldingView extends Holding {
  readonly held_from: string;
  readonly held_until: string | null;
  /** Who took it back: null while it lasts, and where nobody was noted. */
  readonly released_by: string | null;
  readonly released_why: string | null;
}

/** To publishers: how many others are in a campaign, and whose it is, is not their business. */
export interface OfferedCampaign {
  readonly id: string;
  readonly name: string;
  /** Whether it has a pool to give numbers of. */
  readonly open: boolean;
}

export interface CampaignView {
  readonly id: string;
  readonly name: string;
  readonly advertiser: string | null;
  readonly pool: string | null;
  /** Publishers who hold or are given a number of it. */
  readonly publishers: number;
  /** Applications that wait for an answer. */
  readonly waiting: number;
  readonly approved: number;
  readonly paused: number;
  /** Numbers that lead to it: given, and held. */
  readonly numbers: number;
  /** Numbers of its pool that could be given out now. */
  readonly free: number;
}
