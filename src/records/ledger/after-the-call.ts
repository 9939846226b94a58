/** All that can be said of a call after it ended, for those who only pass it on: the API and the commands. */
import { adjust, type Adjusted, type Adjustment } from './adjust.ts';
import type { Correcting } from './correcting.ts';
import { decideDispute, type DisputeDecided, type DisputeToDecide } from './decide-dispute.ts';
import { listDisputes, type DisputesQuery, type DisputeView } from './list-disputes.ts';
import { openDispute, type DisputeOpened, type DisputeToOpen } from './open-dispute.ts';
import { reportConversion, type ConversionReport, type ConversionReported } from './report-conversion.ts';

/** Each rejects where the database cannot be asked. */
export interface AfterTheCall {
  reportConversion(report: ConversionReport): Promise<ConversionReported>;
  openDispute(asked: DisputeToOpen): Promise<DisputeOpened>;
  decideDispute(asked: DisputeToDecide): Promise<DisputeDecided>;
  listDisputes(query: DisputesQuery): Promise<readonly DisputeView[]>;
  adjust(asked: Adjustment): Promise<Adjusted>;
}

export const afterTheCall = (correcting: Correcting): AfterTheCall => ({
  reportConversion: (report) => reportConversion(correcting, report),
  openDispute: (asked) => openDispute(correcting, asked),
  decideDispute: (asked) => decideDispute(correcting, asked),
  listDisputes: (query) => listDisputes(correcting.db, query),
  adjust: (asked) => adjust(correcting, asked),
});
