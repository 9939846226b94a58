/** Why each buyer was taken or left out, in words. */
import type { CallRecord, LeftOut } from './call-records.ts';

export function attemptInWords({ buyer, result, status }: CallRecord['attempts'][number]): string {
  switch (result) {
    case 'answered':
      return `${buyer} answered`;
    case 'busy':
      return `${buyer} was busy (${status ?? 486})`;
    case 'no_answer':
      return `${buyer} rang and did not pick up`;
    case 'no_response':
      return `${buyer} could not be heard of`;
    case 'cancelled':
      return `${buyer} was ringing when the caller gave up`;
    case 'refused':
      return `${buyer} refused (${status ?? '?'})`;
    default:
      return `${buyer}: ${result.replaceAll('_', ' ')}`;
  }
}

export function leftOutInWords({ buyer, rule, about, seen, limit }: LeftOut): string {
  switch (rule) {
    case 'accepts':
      return `${buyer} takes ${about ?? 'calls'} ${listed(limit)}, this is ${seen ?? 'not known'}`;
    case 'concurrency':
      return `${buyer} had ${seen ?? '?'} of ${listed(limit)} calls`;
    case 'repeat_caller':
      return `${buyer} had this caller before`;
    case 'hours':
      return `${buyer} was closed`;
    case 'cap':
      return `${buyer} had reached its cap${about == null ? '' : ` of ${about}`}`;
    case 'paused':
      return `${buyer} is paused`;
    case 'trunk_down':
      return `${buyer} cannot be reached`;
    case 'spacing':
      return `${buyer} was offered a call a moment ago`;
    default:
      return `${buyer}: ${rule}`;
  }
}

function listed(limit: LeftOut['limit']): string {
  if (limit === null) return 'nothing';
  return Array.isArray(limit) ? limit.join(' or ') : String(limit);
}
