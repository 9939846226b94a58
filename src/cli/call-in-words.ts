/** One call, told to a person: what happened when, who was tried, who was not and why, and what it was worth. */
import { DateTime } from 'luxon';
import { formatSeconds } from '../conditions/duration.ts';
import type { AttemptView, CallView } from '../records/call-view.ts';
import type { LeftOut } from '../routing/plan.ts';
import { inWords, listed, withMoney } from './left-out-in-words.ts';

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Times are on the clock of `timezone`; `minorDigits` those of the currency. */
export function callInWords(call: CallView, timezone: string, minorDigits: number): readonly Section[] {
  const since = secondsAfter(call.started_at);
  return [
    { title: `call ${call.id}`, lines: whoAndWhere(call, timezone) },
    { title: 'story', lines: story(call, since) },
    { title: 'attempts', lines: call.attempts.map((attempt) => attemptInWords(attempt, since)) },
    {
      title: 'plan',
      lines: call.plan.map(({ buyer, trunk, dial, priority }, at) => {
        return `${at + 1}. ${buyer} at ${dial} on ${trunk}, priority ${priority}`;
      }),
    },
    {
      title: 'left out',
      lines: call.left_out.map((line) => {
        // The rule is one of ours: the switch wrote it.
        const left = withMoney(line as LeftOut, minorDigits);
        return `${left.buyer}: ${inWords(left)}`;
      }),
    },
    { title: 'money', lines: money(call) },
    {
      title: 'known of the call',
      lines: Object.entries(call.attributes).map(([name, value]) => `${name} is ${listed(value)}`),
    },
  ].filter(({ lines }) => lines.length > 0);
}

function whoAndWhere(call: CallView, zone: string): string[] {
  const began = DateTime.fromISO(call.started_at, { zone }).toFormat('yyyy-MM-dd HH:mm:ss ZZZZ');
  const source = call.source === null ? '' : `, source ${call.source}`;
  const unknown =
    call.attributes['caller.anonymous'] === false ? 'an unreadable number' : 'a withheld number';
  return [
    `${call.from ?? unknown} called ${call.to} by ${call.carrier} on ${began}`,
    `campaign ${call.campaign}, publisher ${call.publisher}${source}; table ${call.table}`,
  ];
}

function story(call: CallView, since: (time: string) => string): string[] {
  const { answered_at: answered, connected_at: connected, buyer } = call;
  const media = call.media === 'none' ? '' : `, media ${call.media}`;
  return [
    ...(answered === null ? [] : [`${since(answered)}  answered`]),
    ...(connected === null ? [] : [`${since(connected)}  through to ${buyer ?? 'a buyer'}${media}`]),
    `${since(call.ended_at)}  ${call.outcome}: ${spaced(call.cause)}, ended by the ${call.hung_up_by}`,
    ...(connected === null ? [] : [`talked for ${formatSeconds(call.connected_ms)}`]),
    ...(call.recording === null ? [] : [`recorded in ${call.recording}`]),
  ];
}

function attemptInWords(attempt: AttemptView, since: (time: string) => string): string {
  const { buyer, trunk, bid, result, status, reason } = attempt;
  const times = [
    attempt.ringing_at === null ? '' : `rang ${since(attempt.ringing_at)}`,
    attempt.answered_at === null ? '' : `answered ${since(attempt.answered_at)}`,
    `ended ${since(attempt.ended_at)}`,
  ].filter((time) => time !== '');
  const answer = [status, reason].filter((part) => part !== null).join(' ');
  const how = answer === '' ? spaced(result) : `${spaced(result)} (${answer})`;
  const offered = bid === undefined ? '' : `, bid ${bid}`;
  return `${since(attempt.started_at)}  ${buyer} on ${trunk}${offered}: ${how}; ${times.join(', ')}`;
}

function money(call: CallView): string[] {
  const of = (amount: string) => (call.currency === null ? amount : `${amount} ${call.currency}`);
  return [
    `revenue ${of(call.revenue)}: ${call.revenue_reason}`,
    `payout  ${of(call.payout)}: ${call.payout_reason}`,
    `margin  ${of(call.margin)}${call.converted ? '; converted' : ''}`,
  ];
}

/** `+12.4 s`: how far into the call. */
const secondsAfter =
  (start: string) =>
  (time: string): string =>
    `+${((Date.parse(time) - Date.parse(start)) / 1000).toFixed(1)} s`;

const spaced = (words: string): string => words.replaceAll('_', ' ');
