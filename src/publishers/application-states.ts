/**
 *            ┌─ refuse ──→ refused
 *  applied ──┼─ withdraw → withdrawn
 *            └─ approve ─→ approved ⇄ paused      pause, resume
 *                             └──────────┴─ end ─→ ended
 */
import type { ApplicationState } from '../records/schema/publishers.ts';

export type Step = 'approve' | 'refuse' | 'withdraw' | 'pause' | 'resume' | 'end';

/** Null where a step cannot be taken from this state. */
export function after(state: ApplicationState, step: Step): ApplicationState | null {
  return steps[step].from.includes(state) ? steps[step].to : null;
}

/** Of these a publisher has one at most for each campaign and source. */
export const alive: readonly ApplicationState[] = ['applied', 'approved', 'paused'];

const steps: Readonly<
  Record<Step, { readonly from: readonly ApplicationState[]; readonly to: ApplicationState }>
> = {
  approve: { from: ['applied'], to: 'approved' },
  refuse: { from: ['applied'], to: 'refused' },
  withdraw: { from: ['applied'], to: 'withdrawn' },
  pause: { from: ['approved'], to: 'paused' },
  resume: { from: ['paused'], to: 'approved' },
  end: { from: ['approved', 'paused'], to: 'ended' },
};
