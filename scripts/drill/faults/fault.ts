/** What a drill of one fault is: what is done, and what must come of it. */
import type { Cause } from '../../../src/records/events.ts';
import type { SwitchSetup } from '../../../test/support/switch-config.ts';
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
  /** What is to become of calls that come meanwhile is asked of those that come and are answered while this passes. */
  readonly meanwhile: <T>(passes: () => Promise<T>) => Promise<T>;
  /** Resolves once none lives of the calls that talked when it happened; rejects after a while. */
  gone(campaign: Campaign): Promise<void>;
  /** To be called on the way out. */
  later(release: () => unknown): void;
}

/** The campaigns whose calls talk when it happens. */
export type TalkingTo = Exclude<Campaign, 'troubled'>;

/** Some are connected; every one that is answered at all gets 503, and one is; none is answered with 200. */
export type Meanwhile = 'carried' | 'refused' | 'not answered';

export interface Outcome {
  /** Why those calls end that talked when it happened, whose media passes through the switch, and whose does not. */
  readonly anchored: Cause;
  readonly direct: Cause;
  /** What becomes of calls that come while it lasts. */
  readonly meanwhile: Readonly<Record<TalkingTo, Meanwhile>>;
}

interface Described {
  readonly name: string;
  /** What happens, in a line. */
  readonly line: string;
  /** How long the calls talk that are there when it happens, in ms, where they live on. */
  readonly talk: number;
  readonly expected: Outcome;
  /** Of the switch, other than the drills have them. */
  readonly limits?: NonNullable<SwitchSetup['limits']>;
  /** What else must be so of calls that came while it lasted, those of `troubled` above all; in words what is not. */
  readonly besides?: (records: readonly RecordedCall[]) => readonly string[];
}

export type Fault = Described &
  (
    | { readonly engines: 'inside'; disturb(stage: Stage): Promise<unknown> }
    | { readonly engines: 'apart'; disturb(stage: Stage, engines: Engines): Promise<unknown> }
  );

export const all = (what: Meanwhile): Outcome['meanwhile'] => ({ anchored: what, direct: what });

/** A call that outlives the fault ends as it would have. */
export const survives = { anchored: 'caller_hangup', direct: 'caller_hangup' } as const;
