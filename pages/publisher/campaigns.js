// What a publisher may apply for, what it applied for, and the numbers that came of it.
import { get, post, query } from '../api.js';
import { h, newId, say } from '../dom.js';
import { date } from '../format.js';
import { keepLooking } from '../live.js';
import { badge, panel, table } from '../table.js';
import { numbersOf, stateBadge } from '../application.js';

/** @typedef {import('../../src/publishers/views.ts').ApplicationView} Application */
/** @typedef {import('../../src/publishers/views.ts').NumberView} Numbered */
/** @typedef {{ id: string, name: string }} Campaign */

/** @param {import('../main.js').Context} context */
export function campaigns({ signal }) {
  const form = applicationForm(() => void look());
  const mine = table({
    caption: 'What you applied for, newest first',
    hideCaption: true,
    empty: 'You have not applied for a campaign yet.',
    key: (/** @type {Application} */ { id }) => id,
    columns: [
      { label: 'Campaign', cell: ({ campaign }) => campaign, head: true },
      { label: 'Source', long: true, cell: ({ source }) => source ?? '–' },
      { label: 'State', cell: ({ state }) => stateBadge(state) },
      { label: 'Numbers', cell: numbersOf },
      { label: 'Applied', cell: ({ applied_at: at }) => date(at) },
      { label: 'Why', long: true, cell: ({ why }) => why ?? '–' },
      {
        label: 'Action',
        cell: (application) =>
          application.state !== 'applied'
            ? '–'
            : h(
                'button',
                { type: 'button', onclick: () => void withdraw(application) },
                'Withdraw',
                h('span', { class: 'unseen' }, ` the application for ${application.campaign}`),
              ),
      },
    ],
  });
  const numbers = table({
    caption: 'Your numbers',
    hideCaption: true,
    empty: 'You have no number yet: an approved application brings one.',
    key: (/** @type {Numbered} */ { number }) => number,
    columns: [
      { label: 'Number', cell: ({ number }) => h('span', { class: 'tel' }, number), head: true },
      { label: 'Campaign', cell: ({ campaign }) => campaign ?? '–' },
      { label: 'Source', long: true, cell: ({ source }) => source ?? '–' },
      { label: 'Calls', cell: ({ paused }) => (paused ? badge('paused', 'warn') : badge('taken', 'good')) },
    ],
  });
  const look = keepLooking(
    async () => {
      const [offered, applied, held] = await Promise.all([
        everything('/campaigns', signal),
        everything('/applications', signal),
        everything('/numbers', signal),
      ]);
      form.offer(/** @type {Campaign[]} */ (offered));
      mine.show(/** @type {Application[]} */ (applied));
      numbers.show(/** @type {Numbered[]} */ (held));
    },
    10_000,
    signal,
  );
  /** @param {Application} application */
  const withdraw = async ({ id, campaign }) => {
    try {
      await post(`/applications/${encodeURIComponent(id)}/withdraw`);
      say(`The application for ${campaign} is withdrawn.`);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), 'bad');
    }
    await look();
    mine.element.focus();
  };
  return h(
    'div',
    { class: 'view' },
    h('h1', {}, 'Campaigns'),
    h('div', { class: 'columns' }, panel('Apply', form.element), panel('Your numbers', numbers.element)),
    panel('Your applications', mine.element),
  );
}

/** @param {string} path @param {AbortSignal} signal @returns {Promise<unknown[]>} */
async function everything(path, signal) {
  /** @type {unknown[]} */
  const all = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {{ items: readonly unknown[], next?: string | null }} */
    const page = await get(`${path}${query(cursor === null ? {} : { cursor })}`, signal);
    all.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return all;
}

/** @param {() => void} onApplied */
function applicationForm(onApplied) {
  const ids = {
    campaign: newId('campaign'),
    source: newId('source'),
    hint: newId('hint'),
    problem: newId('problem'),
  };
  const campaign = h('select', { id: ids.campaign, required: true });
  const source = h('input', {
    ...{ id: ids.source, maxlength: 64, autocomplete: 'off', spellcheck: 'false' },
    'aria-describedby': ids.hint,
  });
  const problem = h('p', { id: ids.problem, class: 'problem', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'primary', disabled: true }, 'Apply');
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = '';
    const label = source.value.trim();
    try {
      await post('/applications', { campaign: campaign.value, ...(label === '' ? {} : { source: label }) });
      say(`You applied for ${campaign.selectedOptions[0]?.textContent ?? campaign.value}.`);
      source.value = '';
      onApplied();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
    button.disabled = false;
    button.focus();
  };
  let known = '';
  return {
    element: h(
      'form',
      { onsubmit: submit, class: 'apply' },
      h('label', { for: ids.campaign }, 'Campaign'),
      campaign,
      h('label', { for: ids.source }, 'Source (optional)'),
      source,
      h(
        'p',
        { id: ids.hint, class: 'hint' },
        'Your own label for where the callers come from: google-ads, radio. Each source has a number of its own.',
      ),
      problem,
      button,
    ),
    /** @param {readonly Campaign[]} offered */
    offer(offered) {
      const told = JSON.stringify(offered.map(({ id, name }) => [id, name]));
      if (told === known) return;
      known = told;
      const chosen = campaign.value;
      campaign.replaceChildren(...offered.map(({ id, name }) => h('option', { value: id }, name)));
      if (offered.some(({ id }) => id === chosen)) campaign.value = chosen;
      button.disabled = offered.length === 0;
    },
  };
}
