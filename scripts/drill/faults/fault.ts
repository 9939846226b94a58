/** What a drill of one fault is: what is done, and what must come of it. */
import type { Cause } from '../../../src/records/events.ts';
import type { DrilledSwitch, RecordedCall } from '../drilled-switch.ts';
import type { FarEnd } from '../far-ends.ts';
import type { Disk } from '../full-disk.ts';
import type { Engines } from './engine-processes.ts';

export type Campaign = 'anchored' | 'direct' | 'troubled';

export interface Stage {
  readonly sut: DrilledSwitch;
  readonly disk: Disk;
  /** Callers of a campaign, until the drill is over. Their numbers begin with +1469555. */
  callers(campaign: Campaign, scenario?: string, calls?: number): Promise<FarEnd>;
  /** The buyer that calls of `troubled` are offered to first. */
  troubledBuyer(scenario: string): Promise<void>;
  /** Where that one is to listen. */
  readonly troubledPort: number;
  /** Resolves once none lives of the calls that talked when it happened; rejects after a while. */
  gone(campaign: Campaign): Promise<void>;
  /** To be called on the way out. */
  later(release: () => unknown): void;
}

export interface Outcome {
  /** Why those calls end that talked when it happened, whose media passes through the switch, and whose does not. */
  readonly anchored: Cause;
  readonly direct: Cause;
  /** What becomes of calls that come while it lasts. */
  readonly meanwhile: 'carried' | 'refused' | 'not carried';
  /** A call of each kind that comes after it is connected within so many seconds of its end. */
  readonly again: number;
}

interface Described {
  readonly name: string;
  /** What happens, in a line. */
  readonly line: string;
  /** How long the calls talk that are there when it happens, in ms, where they live on. */
  readonly talk: number;
  readonly expected: Outcome;
  /** What else must be so of calls that came while it lasted, those of `troubled` above all; in words what is not. */
  readonly besides?: (records: readonly RecordedCall[]) => readonly string[];
}

export type Fault = Described &
  (
    | { readonly engines: 'inside'; disturb(stage: Stage): Promise<unknown> }
    | { readonly engines: 'apart'; disturb(stage: Stage, engines: Engines): Promise<unknown> }
  );

/** A call that outlives the fault ends as it would have. */
export const survives = { anchored: 'caller_hangup', direct: 'caller_hangup' } as const;
