// What a publisher's calls earned, day by day on the network's clock, and the statements that were closed.
import { get, query } from '../api.js';
import { chart } from '../chart.js';
import { fill, h, say } from '../dom.js';
import { onEnded } from '../ended.js';
import { count, date, lastDays, money, nothing } from '../format.js';
import { keepLooking } from '../live.js';
import { amountOf, panel, table, tile } from '../table.js';

/** @typedef {Pick<import('../../src/records/reports/figures.ts').Figures, 'currency' | 'calls' | 'connected' | 'converted' | 'payout'>} Earned */
/** @typedef {import('../../src/http/routes/publisher-views.ts').Earnings} Owed */
/** @typedef {{ rows: readonly (Earned & { day: string })[], totals: readonly Earned[] }} Report */
/** @typedef {import('../../src/records/statements/list-statements.ts').StatementView} Statement */

/** @param {import('../main.js').Context} context */
export function earnings({ live, signal }) {
  const none = h('p', { class: 'notice' }, 'No call of yours has ended in these days.');
  const days = h('div', {}, none);
  const tiles = h('dl', { class: 'tiles' });
  const statements = table({
    caption: 'Statements that were closed, newest first',
    hideCaption: true,
    empty: 'No month was closed yet.',
    key: (/** @type {Statement} */ { id }) => id,
    columns: [
      { label: 'Month', cell: ({ month }) => month, head: true },
      { label: 'Total', numeric: true, cell: ({ total, currency }) => money(total, currency) },
      { label: 'Closed', cell: ({ closed_at: at }) => date(at) },
      {
        label: 'Get it',
        cell: ({ id, month }) =>
          h(
            'span',
            { class: 'actions' },
            ['html', 'csv'].map((format) =>
              h(
                'a',
                {
                  href: `/api/v1/statements/${encodeURIComponent(id)}?format=${format}`,
                  download: `${id}.${format}`,
                },
                format.toUpperCase(),
                h('span', { class: 'unseen' }, ` statement of ${month}`),
              ),
            ),
          ),
      },
    ],
  });
  /** @type {Map<string | null, ReturnType<typeof oneCurrency>>} */
  const shown = new Map();
  const show = (
    /** @type {Report} */ { rows, totals },
    /** @type {readonly Owed[]} */ owed,
    /** @type {readonly string[]} */ names,
  ) => {
    fill(
      tiles,
      totals.length === 0
        ? tile('Earned in 30 days', amountOf(nothing().amount, nothing().currency))
        : totals.map(({ currency, payout }) => tile('Earned in 30 days', amountOf(payout, currency))),
      tile('Calls', count(sum(totals, 'calls'))),
      tile('Connected', count(sum(totals, 'connected'))),
      tile('Converted', count(sum(totals, 'converted'))),
      owed.map(({ currency, payable_now: now }) => tile('Payable now', amountOf(now, currency))),
      owed.map(({ currency, held }) => tile('On hold', amountOf(held, currency))),
    );
    const currencies = totals.map(({ currency }) => currency);
    none.hidden = currencies.length > 0;
    for (const [currency, { element }] of shown) if (!currencies.includes(currency)) element.remove();
    for (const currency of currencies) {
      const known = shown.get(currency) ?? oneCurrency(currency, signal);
      shown.set(currency, known);
      if (!known.element.isConnected) days.append(known.element);
      known.show(
        names,
        rows.filter((row) => row.currency === currency),
      );
    }
  };
  const look = keepLooking(
    async () => {
      const { days: names, since } = lastDays(30);
      /** @type {readonly [Report, { items: readonly Owed[] }]} */
      const [report, owed] = await Promise.all([
        get(`/report${query({ by: 'day', from: since })}`, signal),
        get('/earnings', signal),
      ]);
      show(report, owed.items, names);
    },
    30_000,
    signal,
  );
  onEnded(live, () => void look(), 10_000, signal);
  get('/statements', signal)
    .then((/** @type {{ items: readonly Statement[] }} */ { items }) => statements.show(items))
    .catch((error) => {
      if (!signal.aborted) say(error.message, 'bad');
    });
  return h(
    'div',
    { class: 'view' },
    h('h1', {}, 'Earnings'),
    tiles,
    panel('Earned by day', days),
    panel('Statements', statements.element),
  );
}

/** @param {readonly Earned[]} totals @param {'calls' | 'connected' | 'converted'} figure */
const sum = (totals, figure) => totals.reduce((all, each) => all + each[figure], 0);

/** @param {string | null} currency @param {AbortSignal} signal */
function oneCurrency(currency, signal) {
  const unit = currency === null ? '' : `, ${currency}`;
  const { timezone } = lastDays(1);
  const drawing = chart({ x: 'Day', label: `Earned by day${unit}; the table below has the figures`, signal });
  const rows = table({
    caption: `Figures by day${unit}`,
    hideCaption: true,
    empty: 'No call of yours has ended in these days.',
    key: (/** @type {Report['rows'][number]} */ { day }) => day,
    columns: [
      { label: 'Day', cell: ({ day }) => day, head: true },
      { label: 'Calls', numeric: true, cell: ({ calls }) => count(calls) },
      { label: 'Connected', numeric: true, cell: ({ connected }) => count(connected) },
      { label: 'Converted', numeric: true, cell: ({ converted }) => count(converted) },
      { label: 'Earned', numeric: true, cell: ({ payout }) => money(payout) },
    ],
  });
  return {
    element: h(
      'div',
      {},
      h('p', { class: 'hint' }, `Days of ${timezone}${unit}`),
      drawing.element,
      h('details', {}, h('summary', {}, 'Figures by day'), rows.element),
    ),
    /** @param {readonly string[]} names @param {readonly Report['rows'][number][]} days */
    show(names, days) {
      const byDay = new Map(days.map((day) => [day.day, Number(day.payout)]));
      drawing.show(
        names.map((name) => name.slice(5)),
        [
          {
            label: 'Earned',
            color: 'chart-revenue',
            bars: true,
            values: names.map((name) => byDay.get(name) ?? 0),
          },
        ],
      );
      rows.show(days.filter(({ calls }) => calls > 0).toReversed());
    },
  };
}
