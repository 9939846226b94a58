import type { Leg } from '../signalling/signalling.ts';
import type { Call } from './call.ts';

/** When SIP ended its handshake on a leg, and when it was first asked to end. */
interface LegTimes {
  acknowledgedAt?: number | null;
  byeAt?: number | null;
}

/** Notes the ACK and the first BYE of a leg that was answered, from whichever side. */
export function followLeg(leg: Leg, times: LegTimes, call: Pick<Call, 'now'>): void {
  void leg.acknowledged.then(() => {
    times.acknowledgedAt ??= call.now();
  });
  void leg.ended.then(({ by }) => {
    if (by !== 'link') times.byeAt ??= call.now();
  });
}

/** Our own CANCEL or BYE goes out at this time, where none came before and the link to the SIP server is there. */
export function leaveLeg(times: LegTimes, call: Pick<Call, 'ending'>, at: number): void {
  if (call.ending?.cause !== 'signalling_lost') times.byeAt ??= at;
}
