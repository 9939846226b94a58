/** In the order in which they run. A migration that has run anywhere is never changed; add another. */
import type { Migration } from 'kysely';
import * as calls from './0001-calls.ts';
import * as ledger from './0002-ledger.ts';
import * as journals from './0003-journals.ts';
import * as bids from './0004-bids.ts';
import * as terms from './0005-terms.ts';
import * as corrections from './0006-corrections.ts';
import * as months from './0007-months.ts';
import * as webhooks from './0008-webhooks.ts';
import * as publishers from './0009-publishers.ts';
import * as pageKeys from './0010-page-keys.ts';
import * as paidOut from './0011-paid-out.ts';
import * as callsOfCaller from './0012-calls-of-caller.ts';
import * as noticed from './0013-corrections.ts';
import * as releases from './0014-releases.ts';
import * as lists from './0015-lists.ts';
import * as loans from './0016-loans.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-calls': calls,
  '0002-ledger': ledger,
  '0003-journals': journals,
  '0004-bids': bids,
  '0005-terms': terms,
  '0006-corrections': corrections,
  '0007-months': months,
  '0008-webhooks': webhooks,
  '0009-publishers': publishers,
  '0010-page-keys': pageKeys,
  '0011-paid-out': paidOut,
  '0012-calls-of-caller': callsOfCaller,
  '0013-corrections': noticed,
  '0014-releases': releases,
  '0015-lists': lists,
  '0016-loans': loans,
};
