/** What the API asks of the records, for those who only pass it on. */
import type { Kysely } from 'kysely';
import type { CallView } from '../call-view.ts';
import { listCalls, type CallsQuery } from '../list-calls.ts';
import { listPayouts, type PayoutsQuery, type PayoutsView } from '../list-payouts.ts';
import { report, type Report, type ReportQuery } from '../reports/report.ts';
import type { Schema } from '../schema.ts';
import { listStatements, type StatementsQuery, type StatementView } from '../statements/list-statements.ts';
import { showStatement, type FullStatement } from '../statements/show-statement.ts';
import { atMost } from './at-most.ts';
import {
  claimAnswer,
  forgetAnswers,
  keepAnswer,
  leaveUnknown,
  letGoOfClaim,
  type Claim,
  type Keyed,
} from './answers.ts';
import { useToken, type KnownToken } from './tokens.ts';

/**
 * What reads long: reports, payouts, whole statements. Of the few connections of a switch it has these and no more, for
 * tokens, approvals and lists of calls are asked for over the others.
 */
export const longAtOnce = 2;
type InLine = ReturnType<typeof atMost>;

/** Each rejects where the database cannot be asked. */
export interface ApiRecords {
  readonly listCalls: (query: CallsQuery) => Promise<readonly CallView[]>;
  readonly report: (query: ReportQuery) => Promise<Report>;
  readonly listPayouts: (query: PayoutsQuery) => Promise<PayoutsView>;
  readonly listStatements: (query: StatementsQuery) => Promise<readonly StatementView[]>;
  readonly showStatement: (id: string) => Promise<FullStatement | null>;
  /** Whose the token of this hash is. */
  readonly storedToken: (hash: string) => Promise<KnownToken | null>;
  readonly answers: {
    readonly claim: (keyed: Keyed) => Promise<Claim>;
    readonly keep: (
      keyed: Keyed,
      answer: { readonly status: number; readonly body: string },
    ) => Promise<void>;
    readonly letGo: (keyed: Keyed) => Promise<void>;
    readonly leaveUnknown: (keyed: Keyed) => Promise<void>;
    /** Of a day ago. */
    readonly forget: () => Promise<void>;
  };
}

export const apiRecords = (db: Kysely<Schema>, inLine: InLine = atMost(longAtOnce)): ApiRecords => ({
  listCalls: (query) => listCalls(db, query),
  report: (query) => inLine(() => report(db, query)),
  listPayouts: (query) => inLine(() => listPayouts(db, query)),
  listStatements: (query) => listStatements(db, query),
  showStatement: (id) => inLine(() => showStatement(db, id)),
  storedToken: (hash) => useToken(db, { hash, now: new Date() }),
  answers: {
    claim: (keyed) => claimAnswer(db, keyed),
    keep: (keyed, answer) => keepAnswer(db, keyed, answer),
    letGo: (keyed) => letGoOfClaim(db, keyed),
    leaveUnknown: (keyed) => leaveUnknown(db, keyed),
    forget: () => forgetAnswers(db),
  },
});
