// The calls that ended, newest first: for the operator all of them, for a publisher its own.
import { get, query } from './api.js';
import { h, say } from './dom.js';
import { amount, duration, when, words } from './format.js';
import { badge, table } from './table.js';

/**
 * Of a publisher's view less is told.
 * @typedef {Pick<import('../src/records/call-view.ts').CallView,
 *   'id' | 'started_at' | 'from' | 'to' | 'campaign' | 'publisher' | 'source' | 'outcome' | 'connected_ms' | 'payout' | 'currency'>
 *   & Partial<import('../src/records/call-view.ts').CallView>} Call
 */

/** @param {import('./main.js').Context} context */
export function calls({ who, live, signal }) {
  const operator = who.role === 'admin';
  const rows = table({
    caption: operator ? 'Calls that ended' : 'Your calls',
    hideCaption: true,
    empty: 'No call has ended yet.',
    key: (/** @type {Call} */ call) => call.id,
    columns: [
      {
        label: 'Started',
        head: true,
        cell: ({ id, started_at }) => h('a', { href: `#/call/${id}` }, when(started_at)),
      },
      { label: 'From', cell: ({ from }) => from ?? 'withheld' },
      { label: 'To', cell: ({ to }) => to },
      { label: 'Campaign', cell: ({ campaign }) => campaign },
      operator
        ? {
            label: 'Publisher',
            long: true,
            cell: ({ publisher, source }) => [publisher, source].filter(Boolean).join(' / '),
          }
        : { label: 'Source', long: true, cell: ({ source }) => source ?? '–' },
      ...(operator ? [{ label: 'Buyer', cell: (/** @type {Call} */ { buyer }) => buyer ?? '–' }] : []),
      { label: 'Outcome', cell: ({ outcome }) => badge(words(outcome), outcomeKinds[outcome]) },
      { label: 'Connected', numeric: true, cell: ({ connected_ms: ms }) => (ms === 0 ? '–' : duration(ms)) },
      ...(operator
        ? [
            {
              label: 'Revenue',
              numeric: true,
              cell: (/** @type {Call} */ { revenue, currency }) => amount(revenue, currency),
            },
          ]
        : []),
      {
        label: operator ? 'Payout' : 'Earned',
        numeric: true,
        cell: ({ payout, currency }) => amount(payout, currency),
      },
      ...(operator
        ? [
            {
              label: 'Margin',
              numeric: true,
              cell: (/** @type {Call} */ { margin, currency }) => amount(margin, currency),
            },
          ]
        : []),
    ],
  });
  /** @type {Call[]} */
  let shown = [];
  /** @type {string | null} */
  let next = null;
  const older = h('button', { type: 'button', hidden: true, onclick: () => void more() }, 'Older calls');
  const waiting = h('p', { class: 'notice', role: 'status', hidden: true });

  const load = async (/** @type {string | null} */ cursor) => {
    /** @type {{ items: Call[], next: string | null }} */
    const page = await get(`/calls${query({ limit: 50, cursor })}`, signal);
    shown = cursor === null ? page.items : [...shown, ...page.items];
    next = page.next;
    older.hidden = next === null;
    rows.show(shown);
  };
  const more = async () => {
    older.disabled = true;
    await load(next).catch(tell);
    older.disabled = false;
  };
  const tell = (/** @type {unknown} */ error) => {
    if (!signal.aborted) say(error instanceof Error ? error.message : String(error), 'bad');
  };
  void load(null).catch(tell);

  // What is read is not pushed away by what is new: while further pages are shown, the list stays as it is.
  let alive = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  live.calls((now) => {
    waiting.hidden = now.length === 0;
    waiting.textContent = now.length === 1 ? '1 call lives now.' : `${now.length} calls live now.`;
    const ids = new Set(now.map(({ id }) => id));
    const ended = [...alive].some((id) => !ids.has(id));
    alive = ids;
    if (!ended || shown.length > 50) return;
    clearTimeout(soon);
    soon = setTimeout(() => void load(null).catch(tell), 1_500);
  }, signal);
  signal.addEventListener('abort', () => clearTimeout(soon));
  return h(
    'div',
    { class: 'view' },
    h('h1', {}, 'Calls'),
    waiting,
    h('section', { class: 'panel', 'aria-label': 'Calls' }, rows.element, older),
  );
}

/** @type {Record<Call['outcome'], 'good' | 'warn' | 'bad' | 'plain'>} */
export const outcomeKinds = {
  connected: 'good',
  no_buyer: 'warn',
  abandoned: 'plain',
  rejected: 'plain',
  failed: 'bad',
};
