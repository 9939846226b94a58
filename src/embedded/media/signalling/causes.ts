/** Q.850 causes by FreeSWITCH's names, and its own above 127. */
const numbers = new Map<string, number>([
  ['UNALLOCATED_NUMBER', 1],
  ['NO_ROUTE_DESTINATION', 3],
  ['NORMAL_CLEARING', 16],
  ['USER_BUSY', 17],
  ['NO_USER_RESPONSE', 18],
  ['NO_ANSWER', 19],
  ['CALL_REJECTED', 21],
  ['DESTINATION_OUT_OF_ORDER', 27],
  ['NORMAL_UNSPECIFIED', 31],
  ['NORMAL_TEMPORARY_FAILURE', 41],
  ['BEARERCAPABILITY_NOTAVAIL', 58],
  ['INCOMPATIBLE_DESTINATION', 88],
  ['RECOVERY_ON_TIMER_EXPIRE', 102],
  ['ORIGINATOR_CANCEL', 487],
  ['MANAGER_REQUEST', 503],
  ['MEDIA_TIMEOUT', 604],
]);
const names = new Map([...numbers].map(([name, number]) => [number, name]));

/** RFC 3326; causes that Q.850 does not know bear our own protocol name, as FreeSWITCH's bear its. */
export function reasonHeader(cause: string): string {
  const number = numbers.get(cause) ?? 31;
  return `${number < 128 ? 'Q.850' : 'FreeSWITCH'};cause=${number};text="${cause}"`;
}

/** The cause in a far end's Reason header, where it is one of Q.850. */
export function causeOfReason(reason: string | undefined): string | undefined {
  const number = /^\s*Q\.850\s*;.*?cause\s*=\s*(\d+)/i.exec(reason ?? '')?.[1];
  return number === undefined ? undefined : names.get(Number(number));
}
