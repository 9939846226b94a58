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
        // Once for all of them: a caller whose media we have is not to be answered with another's, nor the other way round.
        isAnchored:
          this.#caller.endpoint !== null || together.some(({ buyer }) => buyer.whisper !== undefined),
        isLast: this.#waiting.length === 0 || this.#attempts + 1 >= attempts,
        onDefect: (error) => this.#floor.events.defect(this.#call.id, error),
      });
      const dialled = results.filter((result) => result !== 'not_dialled');
      if (dialled.length === 0) continue;
      this.#attempts++;
      this.#rungFor += this.#call.now() - began;
      const connection = dialled.find(isConnection);
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

type Result = Awaited<ReturnType<typeof attempt>>;

/**
 * Rings buyers at once: the first who answers has the call and waits for nobody, the others are cancelled. Ends with a
 * connection, or with what became of each. Alone, it is one attempt.
 */
async function ringTogether(
  together: readonly PlannedAttempt[],
  how: {
    readonly one: (planned: PlannedAttempt, budget: Budget) => Promise<Result>;
    readonly ring: number;
    readonly isAnchored: boolean;
    readonly isLast: boolean;
    /** Of one who comes too late to be missed. */
    readonly onDefect: (error: unknown) => void;
  },
): Promise<readonly Result[]> {
  let winner: PlannedAttempt | null = null;
  const lost = settleable<'lost'>();
  const through = settleable<readonly Result[]>();
  const ringing = together.map(async (planned) => {
    const result = await how.one(planned, {
      ring: how.ring,
      passesEarlyMedia: together.length === 1,
      isAnchored: how.isAnchored,
      isLast: how.isLast,
      lost: lost.promise,
      isLost: () => winner !== null && winner !== planned,
      claim: () => {
        winner ??= planned;
        if (winner === planned) lost.settle('lost');
        return winner === planned;
      },
    });
    if (isConnection(result)) through.settle([result]);
    return result;
  });
  const all = Promise.all(ringing);
  const results = await Promise.race([through.promise, all]);
  if (results.some(isConnection)) all.catch(how.onDefect);
  return results;
}

function isConnection(result: Result): result is Connection {
  return typeof result === 'object' && 'leg' in result;
}
