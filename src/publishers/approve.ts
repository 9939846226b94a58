/** The network says yes: the application gets its number in the same transaction, or stays as it was. */
import { applicationView, findApplication, step, wrongState } from './applications.ts';
import { after } from './application-states.ts';
import type { NumberChoice } from './choice.ts';
import { handOver, type HandOverRefusal } from './hand-over.ts';
import { showPublisher } from './list-publishers.ts';
import { refused, type Publishing, type Refused, type Who } from './publishing.ts';
import { inTurn } from './turn.ts';
import type { ApplicationView } from './views.ts';

export interface ToApprove {
  readonly application: string;
  readonly by: Who;
  /** Any, where it is not said. */
  readonly number?: NumberChoice;
}

export type Approved =
  | {
      readonly ok: true;
      readonly application: ApplicationView;
      readonly number: string;
      /** From when calls to it are the publisher's: at once, or seconds ahead where another held it before. */
      readonly held_from: string;
    }
  | Refused<'unknown_application' | 'wrong_state' | 'ended_publisher' | HandOverRefusal>;

export async function approve(
  { db, given, clock }: Publishing,
  { application: id, by, number: choice = { kind: 'any' } }: ToApprove,
): Promise<Approved> {
  return inTurn(db, async (trx) => {
    const application = await findApplication(trx, id, by);
    if ('ok' in application) return application;
    if (after(application.state, 'approve') === null) return wrongState(application, 'approve');
    const publisher = await showPublisher(trx, given(), application.publisher);
    if (publisher?.state !== 'active')
      return refused('ended_publisher', `publisher ${application.publisher} has ended`);
    const at = await clock(trx);
    const handed = await handOver(trx, given(), choice, { application, use: 'fixed', now: at });
    if (!handed.ok) return handed;
    const approved = await step(trx, application, 'approve', { by, at });
    if ('ok' in approved) return approved;
    return {
      ok: true,
      application: await applicationView(trx, approved),
      number: handed.number,
      held_from: handed.from.toISOString(),
    };
  });
}
