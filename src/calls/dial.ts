import { settleable } from '../deadline.ts';
import { attemptsOf } from '../routing/attempts-of.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { attempt, type Budget, type Connection } from './attempt.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import type { Floor } from './floor.ts';

/** The plan from where it stands: attempts made, ringing time used up. Kept between an early hang-up and the next buyer. */
export class Dialling {
  readonly #call: Call;
  readonly #caller: Caller;
  readonly #floor: Floor;
  readonly #waiting: PlannedAttempt[][];
  #attempts = 0;
  #rungFor = 0;
  #stopped = false;

  constructor(call: Call, caller: Caller, floor: Floor, plan: readonly PlannedAttempt[]) {
    this.#call = call;
    this.#caller = caller;
    this.#floor = floor;
    this.#waiting = attemptsOf(plan);
  }

  /** The next buyer who answers; null where none is left, the budgets are spent, or the call is over. */
  async next(): Promise<Connection | null> {
    const { ring, attempts, giveUp } = this.#call.campaign.routing;
    while (!this.isSpent && !this.#call.isOver()) {
      const together = this.#waiting.shift() ?? [];
      const began = this.#call.now();
      const results = await ringTogether(together, {
        one: (planned, budget) => attempt(this.#call, this.#caller, this.#floor, planned, budget),
        ring: Math.min(ring, giveUp - this.#rungFor),
        isLast: this.#waiting.length === 0 || this.#attempts + 1 >= attempts,
      });
      const dialled = results.filter((result) => result !== 'not_dialled');
      if (dialled.length === 0) continue;
      this.#attempts++;
      this.#rungFor += this.#call.now() - began;
      const connection = dialled.find((result) => 'leg' in result);
      if (connection) return connection;
      this.#stopped = dialled.some((result) => 'isFinal' in result && result.isFinal);
    }
    return null;
  }

  get isSpent(): boolean {
    const { attempts, giveUp } = this.#call.campaign.routing;
    return (
      this.#stopped || this.#waiting.length === 0 || this.#attempts >= attempts || this.#rungFor >= giveUp
    );
  }
}

/** Rings buyers at once: the first who answers has the call, the others are cancelled. Alone, it is one attempt. */
async function ringTogether(
  together: readonly PlannedAttempt[],
  how: {
    readonly one: (planned: PlannedAttempt, budget: Budget) => ReturnType<typeof attempt>;
    readonly ring: number;
    readonly isLast: boolean;
  },
): Promise<Awaited<ReturnType<typeof attempt>>[]> {
  let winner: PlannedAttempt | null = null;
  const lost = settleable<'lost'>();
  return Promise.all(
    together.map((planned) =>
      how.one(planned, {
        ring: how.ring,
        passesEarlyMedia: together.length === 1,
        isLast: how.isLast,
        lost: lost.promise,
        isLost: () => winner !== null && winner !== planned,
        claim: () => {
          winner ??= planned;
          if (winner === planned) lost.settle('lost');
          return winner === planned;
        },
      }),
    ),
  );
}
