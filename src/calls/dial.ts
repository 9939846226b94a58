import type { PlannedAttempt } from '../routing/plan.ts';
import { attempt, type Connection } from './attempt.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import type { Floor } from './floor.ts';

/** The plan from where it stands: attempts made, ringing time used up. Kept between an early hang-up and the next buyer. */
export class Dialling {
  readonly #call: Call;
  readonly #caller: Caller;
  readonly #floor: Floor;
  readonly #waiting: PlannedAttempt[];
  #attempts = 0;
  #rungFor = 0;

  constructor(call: Call, caller: Caller, floor: Floor, plan: readonly PlannedAttempt[]) {
    this.#call = call;
    this.#caller = caller;
    this.#floor = floor;
    this.#waiting = [...plan];
  }

  /** The next buyer who answers; null where none is left, the budgets are spent, or the call is over. */
  async next(): Promise<Connection | null> {
    const { ring, attempts, giveUp } = this.#call.campaign.routing;
    while (!this.#call.isOver() && this.#attempts < attempts && this.#rungFor < giveUp) {
      const planned = this.#waiting.shift();
      if (!planned) return null;
      const began = this.#floor.now();
      const result = await attempt(this.#call, this.#caller, this.#floor, planned, {
        ring: Math.min(ring, giveUp - this.#rungFor),
        isLast: this.#waiting.length === 0 || this.#attempts + 1 >= attempts,
      });
      if (result === 'not_dialled') continue;
      this.#attempts++;
      this.#rungFor += this.#floor.now() - began;
      if (result !== 'not_answered') return result;
    }
    return null;
  }

  get isSpent(): boolean {
    const { attempts, giveUp } = this.#call.campaign.routing;
    return this.#waiting.length === 0 || this.#attempts >= attempts || this.#rungFor >= giveUp;
  }
}
