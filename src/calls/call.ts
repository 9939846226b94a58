import type { AttributeValue } from '../conditions/condition.ts';
import type { AttemptRecord, CallIdentity, Cause, LeftOutLine, PlannedLine } from '../records/events.ts';
import type { Endpoint } from '../media/media.ts';
import type { Campaign } from '../routing/network.ts';
import type { Table } from './table.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Bids } from './bids.ts';
import { LegFigures } from './leg-figures.ts';
import type { Scope } from './scope.ts';

type CallState = 'offered' | 'menu' | 'routing' | 'ringing' | 'whisper' | 'connected' | 'ending';

export interface Ending {
  readonly cause: Cause;
  readonly by: 'caller' | 'buyer' | 'switch';
  readonly at: number;
}

/**
 * A call from its INVITE to its record: who, when, what is known, what was tried, and the first cause of its end.
 * It keeps the routing table of the instant in which it came.
 */
export class Call {
  readonly identity: CallIdentity;
  readonly campaign: Campaign;
  readonly table: Table;
  readonly scope: Scope;
  readonly startedAt: number;
  /** How often the call may yet go from switch to switch. */
  readonly hops: number;
  /** SIP's Call-ID of the caller's leg. */
  readonly sipCallId: string;
  readonly attempts: AttemptRecord[] = [];
  readonly figures = new LegFigures();
  readonly #ended: Promise<null>;
  readonly #elapsed: () => number;
  #settleEnded: (value: null) => void = () => undefined;
  #ending: Ending | null = null;

  attributes: Readonly<Record<string, AttributeValue>>;
  state: CallState = 'offered';
  /** The first 18x that the caller was sent. */
  ringingAt: number | null = null;
  answeredAt: number | null = null;
  acknowledgedAt: number | null = null;
  /** The first BYE of the caller's leg, from either side. */
  byeAt: number | null = null;
  /** Of the caller's audio, once agreed. */
  codec: string | null = null;
  connectedAt: number | null = null;
  /** The buyer that rings or talks now. */
  buyer: string | null = null;
  /** The attempt that the caller is, or last was, through to. */
  connectedTo: PlannedAttempt | null = null;
  plan: readonly PlannedLine[] = [];
  leftOut: readonly LeftOutLine[] = [];
  /** What came of asking bidders about this call. */
  bids: Bids = new Map();
  media: 'none' | 'direct' | 'anchored' = 'none';
  recording: string | null = null;

  constructor(given: {
    readonly identity: CallIdentity;
    readonly sipCallId: string;
    readonly campaign: Campaign;
    readonly table: Table;
    readonly scope: Scope;
    readonly startedAt: number;
    readonly hops: number;
    /** Milliseconds since the start, by a clock that nobody sets. */
    readonly elapsed: () => number;
  }) {
    this.identity = given.identity;
    this.sipCallId = given.sipCallId;
    this.campaign = given.campaign;
    this.table = given.table;
    this.scope = given.scope;
    this.attributes = given.identity.attributes;
    this.#elapsed = given.elapsed;
    this.startedAt = given.startedAt;
    this.hops = given.hops;
    this.#ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
  }

  /** The times of a call are its start and what has passed since: no correction of the wall clock changes what is billed. */
  now(): number {
    return this.startedAt + this.#elapsed();
  }

  get id(): string {
    return this.identity.call;
  }

  get ending(): Ending | null {
    return this.#ending;
  }

  isOver(): boolean {
    return this.#ending !== null;
  }

  /** An attempt is over. */
  tried(attempt: AttemptRecord, endpoint: Endpoint | null): void {
    this.attempts.push({ ...attempt });
    if (endpoint) this.figures.follow(this.attempts.length, endpoint);
  }

  /** The first cause wins; whoever comes later is heard but changes nothing. */
  end(cause: Cause, by: Ending['by']): void {
    if (this.#ending) return;
    this.#ending = { cause, by, at: this.now() };
    this.state = 'ending';
    this.#settleEnded(null);
  }

  /** What the promise yields, or null as soon as the call is over: check `isOver()` where null could be an answer. */
  async unlessOver<T>(promise: Promise<T>): Promise<T | null> {
    // Where the call is over already nobody waits for it, and its failure is nobody's.
    promise.catch(() => undefined);
    return Promise.race([this.#ended, promise]);
  }
}
