/** A further number for an application that was approved, or one for its visitors. */
import { normalizeNumber } from '../routing/number.ts';
import { applicationView, findApplication } from './applications.ts';
import type { NumberChoice } from './choice.ts';
import { handOver, handOverThis, poolFor, type HandOverRefusal } from './hand-over.ts';
import { numberView } from './list-numbers.ts';
import { refused, type Publishing, type Refused, type Who } from './publishing.ts';
import { inTurn } from './turn.ts';
import type { ApplicationView } from './views.ts';

export interface ToAssign {
  readonly application: string;
  readonly by: Who;
  /** One of the campaign's pool, or whichever is free and as asked for. */
  readonly number: string | NumberChoice;
  readonly use?: 'fixed' | 'visitors';
}

export type Assigned =
  | {
      readonly ok: true;
      readonly application: ApplicationView;
      readonly number: string;
      readonly held_from: string;
    }
  | Refused<
      'unknown_application' | 'wrong_state' | HandOverRefusal | 'unknown_number' | 'not_in_pool' | 'not_free'
    >;

export async function assign({ db, given, clock }: Publishing, asked: ToAssign): Promise<Assigned> {
  const { by, number: wanted, use = 'fixed' } = asked;
  return inTurn(db, async (trx) => {
    const application = await findApplication(trx, asked.application, by);
    if ('ok' in application) return application;
    const { id, state } = application;
    if (state !== 'approved')
      return refused('wrong_state', `application ${id} is ${state}: only an approved one is given numbers`);
    const pool = poolFor(given(), application);
    if (typeof pool !== 'string') return pool;
    const at = await clock(trx);
    const taker = { application, use, now: at };
    const number = typeof wanted === 'string' ? normalizeNumber(wanted, given().country) : null;
    if (typeof wanted === 'string' && (number === null || !(await numberView(trx, given(), number, at))))
      return refused('unknown_number', `${wanted} is none of our numbers`);
    const handed =
      typeof wanted === 'string'
        ? await handOverThis(trx, given(), number ?? wanted, taker)
        : await handOver(trx, given(), wanted, taker);
    if (!handed.ok) return handed;
    return {
      ok: true,
      application: await applicationView(trx, application),
      number: handed.number,
      held_from: handed.from.toISOString(),
    };
  });
}
