// The pools: what is free, who holds what, and what rests until when.
import { get, query } from '../api.js';
import { fill, h, newId, say } from '../dom.js';
import { count, when } from '../format.js';
import { badge, panel, table } from '../table.js';

/** @typedef {import('../../src/publishers/views.ts').NumberView} Numbered */
/** @typedef {import('../../src/publishers/views.ts').CampaignView} Campaign */

/** @type {readonly Numbered['state'][]} */
const states = ['free', 'given', 'held', 'visitors', 'resting'];

/** @type {Record<Numbered['state'], 'good' | 'warn' | 'plain'>} */
const kinds = { free: 'good', given: 'plain', held: 'plain', visitors: 'plain', resting: 'warn' };

/** @param {import('../main.js').Context} context */
export function numbers({ signal }) {
  const pools = table({
    caption: 'Numbers of each pool by state',
    hideCaption: true,
    empty: 'There are no numbers.',
    key: (/** @type {{ pool: string, counts: Record<Numbered['state'], number> }} */ { pool }) => pool,
    columns: [
      { label: 'Pool', cell: ({ pool }) => pool, head: true },
      ...states.map((state) => ({
        label: state === 'visitors' ? 'visitors’' : state,
        numeric: true,
        cell: (/** @type {{ counts: Record<Numbered['state'], number> }} */ { counts }) =>
          count(counts[state]),
      })),
    ],
  });
  const campaigns = table({
    caption: 'Campaigns, their publishers and their pools',
    hideCaption: true,
    empty: 'The config has no campaigns.',
    key: (/** @type {Campaign} */ { id }) => id,
    columns: [
      { label: 'Campaign', cell: ({ id, name }) => h('span', { title: id }, name), head: true, long: true },
      { label: 'Pool', cell: ({ pool }) => pool ?? '–' },
      { label: 'Publishers', numeric: true, cell: ({ publishers }) => count(publishers) },
      { label: 'Numbers', numeric: true, cell: (campaign) => count(campaign.numbers) },
      { label: 'Waiting', numeric: true, cell: ({ waiting }) => count(waiting) },
      {
        label: 'Free in the pool',
        numeric: true,
        cell: ({ pool, free }) => (pool === null ? '–' : free === 0 ? badge('none', 'bad') : count(free)),
      },
    ],
  });
  const list = table({
    caption: 'Numbers',
    hideCaption: true,
    empty: 'No number is in this state.',
    key: (/** @type {Numbered} */ { number }) => number,
    columns: [
      { label: 'Number', cell: ({ number }) => h('span', { class: 'tel' }, number), head: true },
      { label: 'Pool', cell: ({ pool }) => pool ?? '–' },
      {
        label: 'State',
        cell: ({ state, paused }) =>
          paused ? badge(`${state}, paused`, 'warn') : badge(state, kinds[state]),
      },
      { label: 'Campaign', cell: ({ campaign }) => campaign ?? '–' },
      {
        label: 'Publisher',
        long: true,
        cell: ({ publisher, source }) => [publisher, source].filter(Boolean).join(' / ') || '–',
      },
      { label: 'Rests until', cell: ({ rests_until: until }) => when(until) },
    ],
  });
  /** @type {Numbered[]} */
  let all = [];
  const id = newId('state');
  const choice = h(
    'select',
    { id, onchange: () => showList() },
    h('option', { value: '' }, 'all'),
    states.map((state) => h('option', { value: state }, state)),
  );
  const shortened = h('p', { class: 'hint' });
  const showList = () => {
    const chosen = all.filter(({ state }) => choice.value === '' || state === choice.value);
    list.show(chosen.slice(0, mostShown));
    fill(shortened, chosen.length > mostShown && `The first ${count(mostShown)} of ${count(chosen.length)}.`);
  };
  const uncounted = h('p', { class: 'hint' });
  const load = async () => {
    /** @type {readonly [{ items: readonly Campaign[] }, Awaited<ReturnType<typeof everyNumber>>]} */
    const [offered, found] = await Promise.all([get('/campaigns', signal), everyNumber(signal)]);
    all = found.numbers;
    fill(uncounted, !found.isAll && `Of the first ${count(all.length)} numbers.`);
    campaigns.show(offered.items);
    pools.show(byPool(all));
    showList();
  };
  load().catch((error) => {
    if (!signal.aborted) say(error.message, 'bad');
  });
  return h(
    'div',
    { class: 'view' },
    h('h1', {}, 'Numbers'),
    h(
      'div',
      { class: 'columns' },
      panel('Pools', pools.element, uncounted),
      panel('Campaigns', campaigns.element),
    ),
    panel(
      'Numbers',
      h('p', { class: 'filter' }, h('label', { for: id }, 'State '), choice),
      list.element,
      shortened,
    ),
  );
}

/** A longer list is for the command line. */
const mostShown = 500;
const mostCounted = 20_000;

/** @param {AbortSignal} signal */
async function everyNumber(signal) {
  /** @type {Numbered[]} */
  const all = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {{ items: readonly Numbered[], next: string | null }} */
    const page = await get(`/numbers${query({ limit: 200, cursor })}`, signal);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && all.length < mostCounted);
  return { numbers: all, isAll: cursor === null };
}

/** @param {readonly Numbered[]} all */
function byPool(all) {
  /** @type {Map<string, Record<Numbered['state'], number>>} */
  const pools = new Map();
  for (const { pool, state } of all) {
    const name = pool ?? 'in no pool';
    const counts = pools.get(name) ?? { free: 0, given: 0, held: 0, visitors: 0, resting: 0 };
    counts[state] += 1;
    pools.set(name, counts);
  }
  return [...pools].map(([pool, counts]) => ({ pool, counts })).sort((a, b) => a.pool.localeCompare(b.pool));
}
