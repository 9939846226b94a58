/** The other steps of an application: refuse, withdraw, pause, resume, end. */
import type { Transaction } from 'kysely';
import type { Schema } from '../records/schema.ts';
import type { Step } from './application-states.ts';
import { applicationView, findApplication, step } from './applications.ts';
import { refused, type Publishing, type Refused, type Who } from './publishing.ts';
import { closeHoldings, type Release } from './release.ts';
import { isWhy } from './texts.ts';
import { inTurn } from './turn.ts';
import type { ApplicationView } from './views.ts';

export interface ToDecide {
  readonly application: string;
  readonly by: Who;
  /** One line. */
  readonly why?: string;
}

export type Decided =
  | { readonly ok: true; readonly application: ApplicationView }
  | Refused<'bad_why' | 'unknown_application' | 'wrong_state'>;

type Trx = Transaction<Schema>;

/** What a step does to the numbers that the application holds. */
type Upon = (trx: Trx, application: string, decided: Release) => Promise<unknown>;

const decision =
  (taken: Step, upon: Upon) =>
  async ({ db, clock }: Publishing, { application: id, by, why }: ToDecide): Promise<Decided> => {
    if (!isWhy(why)) return refused('bad_why', 'the why is one line of at most 500 characters');
    return inTurn(db, async (trx) => {
      const application = await findApplication(trx, id, by);
      if ('ok' in application) return application;
      const at = await clock(trx);
      const decided = { by, why, at };
      const changed = await step(trx, application, taken, decided);
      if ('ok' in changed) return changed;
      await upon(trx, id, decided);
      return { ok: true, application: await applicationView(trx, changed) };
    });
  };

const nothing: Upon = () => Promise.resolve();

const setPaused =
  (paused: boolean): Upon =>
  (trx, application) =>
    trx
      .updateTable('holdings')
      .set({ paused })
      .where('application', '=', application)
      .where('held_until', 'is', null)
      .execute();

const releaseAll: Upon = (trx, application, decided) => closeHoldings(trx, { application }, decided);

export const refuse = decision('refuse', nothing);
export const withdraw = decision('withdraw', nothing);
/** The numbers stay with the publisher; calls to them are refused. */
export const pause = decision('pause', setPaused(true));
export const resume = decision('resume', setPaused(false));
export const endApplication = decision('end', releaseAll);
