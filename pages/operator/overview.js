// The network at a glance: what it carries now, how its buyers stand, how the day goes.
import { get } from '../api.js';
import { chart } from '../chart.js';
import { fill, h } from '../dom.js';
import { count, duration, money, nothing, when, words } from '../format.js';
import { keepLooking } from '../live.js';
import { amountOf, badge, panel, table, tile } from '../table.js';

/** @typedef {import('../../src/calls/registry.ts').LiveCall} LiveCall */
/** @typedef {import('../../src/calls/shown/standing.ts').BuyerStanding} Buyer */
/** @typedef {import('../../src/records/reports/today.ts').Today} Today */

/** @param {import('../main.js').Context} context */
export function overview({ live, signal }) {
  const now = liveCalls(signal);
  const day = todaySoFar(signal);
  const buyers = buyersNow();
  const lookAtBuyers = keepLooking(
    async () => {
      /** @type {{ items: readonly Buyer[] }} */
      const { items } = await get('/buyers', signal);
      buyers.show(items);
    },
    5_000,
    signal,
  );
  const lookAtDay = keepLooking(async () => day.show(await get('/today', signal)), 15_000, signal);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  live.calls((calls) => {
    now.show(calls);
    day.showLive(calls.length);
    void lookAtBuyers();
    // A call's record reaches the database a moment after its end.
    clearTimeout(soon);
    soon = setTimeout(() => void lookAtDay(), 1_500);
  }, signal);
  signal.addEventListener('abort', () => clearTimeout(soon));
  return h(
    'div',
    { class: 'view' },
    h('h1', {}, 'Overview'),
    day.tiles,
    panel('Live calls', now.element),
    h('div', { class: 'columns' }, panel('Today by hour', day.element), panel('Buyers now', buyers.element)),
  );
}

/** @param {AbortSignal} signal */
function liveCalls(signal) {
  const told = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  const rows = table({
    caption: 'Calls that live now',
    hideCaption: true,
    empty: 'No call lives now.',
    key: (/** @type {LiveCall} */ call) => call.id,
    columns: [
      { label: 'Since', cell: ({ since }) => when(since), head: true },
      { label: 'From', cell: ({ from }) => from ?? 'withheld' },
      { label: 'To', cell: ({ to }) => to },
      { label: 'Campaign', cell: ({ campaign }) => campaign },
      {
        label: 'Publisher',
        long: true,
        cell: ({ publisher, source }) => [publisher, source].filter(Boolean).join(' / '),
      },
      { label: 'State', cell: ({ state }) => badge(words(state), state === 'connected' ? 'good' : 'plain') },
      { label: 'Buyer', cell: ({ buyer }) => buyer ?? '–' },
      {
        label: 'Connected',
        numeric: true,
        cell: ({ connected_since: from }) =>
          from === null ? '–' : h('time', { 'data-from': from }, ticking(from)),
      },
    ],
  });
  const tick = setInterval(() => {
    for (const clock of rows.element.querySelectorAll('time'))
      clock.textContent = ticking(clock.dataset['from'] ?? '');
  }, 1_000);
  signal.addEventListener('abort', () => clearInterval(tick));
  return {
    element: h('div', {}, told, rows.element),
    /** @param {readonly LiveCall[]} calls */
    show(calls) {
      rows.show(calls);
      const now = calls.length === 1 ? '1 call lives' : `${count(calls.length)} calls live`;
      if (told.textContent !== now) told.textContent = now;
    },
  };
}

/** @param {string} from */
const ticking = (from) => duration(Date.now() - Date.parse(from));

/** @param {AbortSignal} signal */
function todaySoFar(signal) {
  const tiles = h('dl', { class: 'tiles' });
  const none = h('p', { class: 'notice' }, 'No call has ended today.');
  const charts = h('div', {}, none);
  /** @type {Map<string | null, ReturnType<typeof oneCurrency>>} */
  const shown = new Map();
  let live = 0;
  /** @type {Today | null} */
  let day = null;
  const showTiles = () => {
    const sums = day?.totals ?? [];
    const all = (/** @type {'calls' | 'connected' | 'converted'} */ figure) =>
      day === null ? '–' : count(sums.reduce((sum, each) => sum + each[figure], 0));
    const each = (/** @type {'revenue' | 'payout' | 'margin'} */ figure) =>
      sums.length === 0
        ? [day === null ? '–' : amountOf(nothing().amount, nothing().currency)]
        : sums.map((sum) => amountOf(sum[figure], sum.currency));
    fill(
      tiles,
      ...[
        tile('Live now', count(live)),
        tile('Calls today', all('calls')),
        tile('Connected', all('connected')),
        tile('Converted', all('converted')),
        tile('Revenue', each('revenue')),
        tile('Payout', each('payout')),
        tile('Margin', each('margin')),
      ],
    );
  };
  showTiles();
  return {
    tiles,
    element: charts,
    /** @param {number} calls */
    showLive(calls) {
      live = calls;
      showTiles();
    },
    /** @param {Today} today */
    show(today) {
      day = today;
      showTiles();
      const currencies = today.totals.map(({ currency }) => currency);
      none.hidden = currencies.length > 0;
      for (const [currency, { element }] of shown) if (!currencies.includes(currency)) element.remove();
      for (const currency of currencies) {
        const known = shown.get(currency) ?? oneCurrency(currency, signal);
        shown.set(currency, known);
        if (!known.element.isConnected) charts.append(known.element);
        known.show(today);
      }
    },
  };
}

/** @param {string | null} currency @param {AbortSignal} signal */
function oneCurrency(currency, signal) {
  const unit = currency === null ? '' : `, ${currency}`;
  const drawing = chart({
    x: 'Hour',
    label: `Revenue, payout and margin by hour${unit}; the table below has the figures`,
    signal,
  });
  const rows = table({
    caption: `Today by hour${unit}`,
    hideCaption: true,
    empty: 'No call has ended today.',
    key: (/** @type {Today['hours'][number]} */ row) => String(row.hour),
    columns: [
      { label: 'Hour', cell: ({ hour }) => hourName(hour), head: true },
      { label: 'Calls', numeric: true, cell: ({ calls }) => count(calls) },
      { label: 'Connected', numeric: true, cell: ({ connected }) => count(connected) },
      { label: 'Revenue', numeric: true, cell: ({ revenue }) => money(revenue) },
      { label: 'Payout', numeric: true, cell: ({ payout }) => money(payout) },
      { label: 'Margin', numeric: true, cell: ({ margin }) => money(margin) },
    ],
  });
  const clock = h('p', { class: 'hint' });
  return {
    element: h(
      'div',
      {},
      clock,
      drawing.element,
      h('details', {}, h('summary', {}, 'Figures by hour'), rows.element),
    ),
    /** @param {Today} today */
    show({ hours, timezone }) {
      const mine = hours.filter((hour) => hour.currency === currency);
      const byHour = new Map(mine.map((hour) => [hour.hour, hour]));
      const all = Array.from({ length: 24 }, (_, hour) => byHour.get(hour));
      // For drawing alone: a float is near enough to a pixel.
      const values = (/** @type {'revenue' | 'payout' | 'margin'} */ figure) =>
        all.map((hour) => (hour === undefined ? null : Number(hour[figure])));
      fill(clock, `Clock of ${timezone}${unit}`);
      drawing.show(
        all.map((_, hour) => hourName(hour)),
        [
          { label: 'Revenue', color: 'chart-revenue', bars: true, values: values('revenue') },
          { label: 'Payout', color: 'chart-payout', values: values('payout') },
          { label: 'Margin', color: 'chart-margin', values: values('margin') },
        ],
      );
      rows.show(mine);
    },
  };
}

/** @param {number} hour */
const hourName = (hour) => String(hour).padStart(2, '0');

function buyersNow() {
  return table({
    caption: 'How buyers stand now',
    hideCaption: true,
    empty: 'The config has no buyers.',
    key: (/** @type {Buyer} */ buyer) => buyer.id,
    columns: [
      { label: 'Buyer', cell: ({ id, name }) => h('span', { title: id }, name), head: true, long: true },
      {
        label: 'Takes calls',
        cell: ({ closed }) =>
          closed === null
            ? badge('open', 'good')
            : badge(closedFor[closed], closed === 'trunk_down' ? 'bad' : 'warn'),
      },
      {
        label: 'Live',
        cell: ({ live, concurrency }) =>
          concurrency === null
            ? `${live}, no limit`
            : used({ text: `${live} of ${concurrency}`, share: concurrency === 0 ? 1 : live / concurrency }),
      },
      {
        label: 'Caps used',
        cell: ({ caps }) =>
          caps.length === 0
            ? 'none set'
            : h(
                'ul',
                { class: 'plain' },
                caps.map((cap) => {
                  const written = (/** @type {string | number} */ figure) =>
                    typeof figure === 'string' ? money(figure) : count(figure);
                  const text = `${written(cap.used)} of ${written(cap.limit)} ${cap.count} ${perWords[cap.per]}`;
                  return h('li', {}, used({ text, share: cap.share }));
                }),
              ),
      },
    ],
  });
}

/** @type {Record<NonNullable<Buyer['closed']>, string>} */
const closedFor = {
  paused: 'paused',
  trunk_down: 'trunk down',
  hours: 'closed now',
  cap: 'cap reached',
  concurrency: 'all busy',
};

/** @type {Record<Buyer['caps'][number]['per'], string>} */
const perWords = {
  hour: 'this hour',
  day: 'today',
  week: 'this week',
  month: 'this month',
  ever: 'ever',
};

/** @param {{ text: string, share: number }} of */
const used = ({ text, share }) =>
  h(
    'span',
    { class: 'used' },
    h('span', {}, text),
    h('meter', {
      min: 0,
      max: 1,
      low: 0.8,
      high: 0.999,
      optimum: 0,
      value: Math.min(1, share),
      'aria-hidden': 'true',
    }),
  );
