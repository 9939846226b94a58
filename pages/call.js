// The record of one call: what it was, whom routing chose and why, what happened on the wire, what it is worth and why.
import { get } from './api.js';
import { fill, h } from './dom.js';
import { duration, exact, money, plain, when, words } from './format.js';
import { badge, facts, panel, table } from './table.js';
import { outcomeKinds } from './calls.js';

/** @typedef {import('./calls.js').Call} Call */
/** @typedef {import('../src/records/call-view.ts').AttemptView} Attempt */

/** @param {import('./main.js').Context} context */
export function call({ rest: id, signal }) {
  const record = h('div', { class: 'record' }, h('p', { role: 'status' }, 'Looking for the record…'));
  get(`/calls/${encodeURIComponent(id)}`, signal)
    .then((/** @type {Call} */ found) => fill(record, ...recordOf(found)))
    .catch((error) => {
      if (!signal.aborted) fill(record, h('p', { class: 'problem', role: 'alert' }, error.message));
    });
  return h(
    'div',
    { class: 'view' },
    h('p', { class: 'back' }, h('a', { href: '#/calls' }, 'All calls')),
    h('h1', {}, 'Call ', h('span', { class: 'id' }, id)),
    record,
  );
}

/** @param {Call} call */
function recordOf(call) {
  const attempts = call.attempts;
  return [
    h(
      'div',
      { class: 'columns' },
      panel('What it was', story(call)),
      h('div', { class: 'stack' }, panel('What it is worth', worth(call)), panel('Times', times(call))),
    ),
    attempts !== undefined && panel('Attempts', attemptsOf(attempts)),
    call.plan !== undefined && panel('Plan', planOf(call.plan, call.currency)),
    call.left_out !== undefined && panel('Buyers left out, and why', leftOut(call.left_out)),
    call.rtp !== undefined && call.rtp.length > 0 && panel('Audio', rtpOf(call.rtp)),
  ];
}

/** @param {Call} call */
const story = (call) =>
  facts([
    ['Started', when(call.started_at)],
    ['From', call.from ?? 'withheld'],
    ['To', call.to],
    ['Campaign', call.campaign],
    ['Publisher', [call.publisher, call.source].filter(Boolean).join(' / ')],
    ...given('Carrier', call.carrier),
    ['Outcome', badge(words(call.outcome), outcomeKinds[call.outcome])],
    ...given('Cause', call.cause, words(call.cause)),
    ...given('Hung up by', call.hung_up_by),
    ...given('Buyer', call.buyer),
    ['Connected', duration(call.connected_ms)],
    ...given('Media', call.media, [call.media, call.codec].filter(Boolean).join(', ')),
    ...given('SIP Call-ID', call.sip_call_id),
    ...given('Routing table', call.table),
    ...Object.entries(call.attributes ?? {}).map(
      ([name, value]) => /** @type {const} */ ([name, plain(value)]),
    ),
  ]);

/**
 * A fact, where this reader is told it.
 * @param {string} name @param {string | null | undefined} told @param {string | null} [written]
 * @returns {[string, string][]}
 */
const given = (name, told, written = told ?? null) => (told === undefined ? [] : [[name, written ?? '–']]);

/** @param {Call} call */
const worth = (call) =>
  facts([
    ...given('Revenue', call.revenue, money(call.revenue, call.currency)),
    ...given('because', call.revenue_reason, words(call.revenue_reason)),
    [call.revenue === undefined ? 'Earned' : 'Payout', money(call.payout, call.currency)],
    ...given('because', call.payout_reason, words(call.payout_reason)),
    ...given('Margin', call.margin, money(call.margin, call.currency)),
    ...(call.converted === undefined
      ? []
      : [/** @type {const} */ (['Converted', call.converted ? 'yes' : 'no'])]),
  ]);

/** @param {Call} call */
function times(call) {
  const started = Date.parse(call.started_at);
  const steps = /** @type {const} */ ([
    ['INVITE', call.started_at],
    ['Ringing (18x)', call.ringing_at],
    ['Answered (200)', call.answered_at],
    ['Acknowledged (ACK)', call.acknowledged_at],
    ['Through to the buyer', call.connected_at],
    ['BYE or CANCEL', call.bye_at],
    ['Ended', call.ended_at],
  ]);
  const rows = table({
    caption: 'Of the caller’s leg',
    empty: '',
    key: (/** @type {{ step: string, at: string | null }} */ { step }) => step,
    columns: [
      { label: 'Step', cell: ({ step }) => step, head: true },
      { label: 'At', numeric: true, cell: ({ at }) => exact(at) },
      {
        label: 'After',
        numeric: true,
        cell: ({ at }) => (at === null ? '–' : `${Date.parse(at) - started} ms`),
      },
    ],
  });
  const known = steps.flatMap(([step, at]) => (at === undefined ? [] : [{ step, at }]));
  // In the order in which they came: with audio through the switch the caller is answered first, without it last.
  rows.show(known.toSorted((one, other) => Date.parse(one.at ?? '') - Date.parse(other.at ?? '') || 0));
  return rows.element;
}

/** @param {readonly Attempt[]} attempts */
function attemptsOf(attempts) {
  const rows = table({
    caption: 'INVITEs to buyers, in order',
    empty: 'No buyer was dialled.',
    key: (/** @type {Attempt & { place: number }} */ { place }) => String(place),
    columns: [
      { label: 'No.', cell: ({ place }) => place, numeric: true },
      { label: 'Buyer', cell: ({ buyer }) => buyer, head: true },
      { label: 'Trunk', cell: ({ trunk }) => trunk },
      { label: 'Dialled', cell: ({ dial }) => dial },
      {
        label: 'Result',
        cell: ({ result }) => badge(words(result), result === 'answered' ? 'good' : 'warn'),
      },
      {
        label: 'SIP',
        cell: ({ status, reason }) => [status, reason].filter((part) => part !== null).join(' ') || '–',
      },
      { label: 'INVITE', numeric: true, cell: (attempt) => exact(attempt.started_at) },
      { label: 'Ringing', numeric: true, cell: (attempt) => exact(attempt.ringing_at) },
      { label: 'Answered', numeric: true, cell: (attempt) => exact(attempt.answered_at) },
      { label: 'ACK', numeric: true, cell: (attempt) => exact(attempt.acknowledged_at) },
      { label: 'BYE', numeric: true, cell: (attempt) => exact(attempt.bye_at) },
      { label: 'Ended', numeric: true, cell: (attempt) => exact(attempt.ended_at) },
    ],
  });
  rows.show(attempts.map((attempt, at) => ({ ...attempt, place: at + 1 })));
  return rows.element;
}

/** @param {NonNullable<Call['plan']>} plan @param {string | null} currency */
function planOf(plan, currency) {
  const rows = table({
    caption: 'Buyers that were to be tried, in order',
    empty: 'No buyer could take this call.',
    key: (/** @type {typeof plan[number] & { place: number }} */ { place }) => String(place),
    columns: [
      { label: 'No.', cell: ({ place }) => place, numeric: true },
      { label: 'Buyer', cell: ({ buyer }) => buyer, head: true },
      { label: 'Trunk', cell: ({ trunk }) => trunk },
      { label: 'Dial', cell: ({ dial }) => dial },
      { label: 'Priority', cell: ({ priority }) => priority, numeric: true },
      { label: 'Bid', cell: ({ bid }) => money(bid, currency), numeric: true },
    ],
  });
  rows.show(plan.map((line, at) => ({ ...line, place: at + 1 })));
  return rows.element;
}

/** @param {NonNullable<Call['left_out']>} lines */
function leftOut(lines) {
  const rows = table({
    caption: 'The first rule that kept each buyer from this call',
    empty: 'None: every buyer of the campaign was in the plan.',
    key: (/** @type {typeof lines[number]} */ { buyer, rule, about }) => `${buyer} ${rule} ${about ?? ''}`,
    columns: [
      { label: 'Buyer', cell: ({ buyer }) => buyer, head: true },
      { label: 'Rule', cell: ({ rule }) => words(rule) },
      { label: 'About', cell: ({ about }) => about ?? '–' },
      { label: 'Seen', cell: ({ seen }) => plain(seen) },
      { label: 'Limit', cell: ({ limit }) => plain(limit) },
    ],
  });
  rows.show(lines);
  return rows.element;
}

/** @param {NonNullable<Call['rtp']>} legs */
function rtpOf(legs) {
  const rows = table({
    caption: 'RTP of each leg, as the media server counted it',
    empty: '',
    key: (/** @type {typeof legs[number]} */ { leg }) => String(leg),
    columns: [
      { label: 'Leg', cell: ({ leg }) => (leg === 0 ? 'caller' : `attempt ${leg}`), head: true },
      { label: 'Codec', cell: ({ codec }) => codec ?? '–' },
      { label: 'Sent', cell: ({ packets_sent: sent }) => sent, numeric: true },
      { label: 'Received', cell: ({ packets_received: received }) => received, numeric: true },
      { label: 'Lost', cell: ({ packets_lost: lost }) => lost, numeric: true },
      {
        label: 'Jitter',
        cell: ({ jitter_ms: jitter }) => (jitter === null ? '–' : `${jitter} ms`),
        numeric: true,
      },
    ],
  });
  rows.show(legs);
  return rows.element;
}
