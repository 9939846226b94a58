import type { PlannedAttempt } from './plan.ts';

/** The plan as it is dialled: a buyer by itself, or all of a ring group at once. In a plan they stand side by side. */
export function attemptsOf(plan: readonly PlannedAttempt[]): PlannedAttempt[][] {
  const attempts: PlannedAttempt[][] = [];
  for (const planned of plan) {
    const last = attempts.at(-1);
    if (last?.[0] !== undefined && ringTogether(last[0], planned)) last.push(planned);
    else attempts.push([planned]);
  }
  return attempts;
}

function ringTogether({ route: a }: PlannedAttempt, { route: b }: PlannedAttempt): boolean {
  return a.group !== null && a.group === b.group && a.priority === b.priority;
}
