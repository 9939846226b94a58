// What publishers applied for: those that wait are answered here, each approval hands out a number at once.
import { get, post, query } from '../api.js';
import { h, newId, say } from '../dom.js';
import { date, when } from '../format.js';
import { keepLooking } from '../live.js';
import { panel, table } from '../table.js';
import { numbersOf, stateBadge } from '../application.js';

/** @typedef {import('../../src/publishers/views.ts').ApplicationView} Application */

/** @param {import('../main.js').Context} context */
export function applications({ signal }) {
  const refusal = refusalDialog();
  const waiting = table({
    caption: 'Applications that wait for an answer, oldest first',
    hideCaption: true,
    empty: 'Nobody waits for an answer.',
    key: (/** @type {Application} */ { id }) => id,
    columns: [
      { label: 'Applied', cell: ({ applied_at: at }) => when(at) },
      { label: 'Publisher', cell: ({ publisher }) => publisher, head: true },
      { label: 'Campaign', cell: ({ campaign }) => campaign },
      { label: 'Source', long: true, cell: ({ source }) => source ?? '–' },
      {
        label: 'Answer',
        cell: (application) => {
          const { publisher, campaign } = application;
          const whose = ` ${publisher} for ${campaign}`;
          return h(
            'div',
            { class: 'actions' },
            h(
              'button',
              {
                type: 'button',
                class: 'primary',
                onclick: (/** @type {Event} */ event) => void approve(application, event),
              },
              'Approve',
              h('span', { class: 'unseen' }, whose),
            ),
            h(
              'button',
              { type: 'button', onclick: () => void refuse(application) },
              'Refuse',
              h('span', { class: 'unseen' }, whose),
            ),
          );
        },
      },
    ],
  });
  const answered = table({
    caption: 'Applications that were answered, newest first',
    hideCaption: true,
    empty: 'None was answered yet.',
    key: (/** @type {Application} */ { id }) => id,
    columns: [
      { label: 'Publisher', cell: ({ publisher }) => publisher, head: true },
      { label: 'Campaign', cell: ({ campaign }) => campaign },
      { label: 'Source', long: true, cell: ({ source }) => source ?? '–' },
      { label: 'State', cell: ({ state }) => stateBadge(state) },
      { label: 'Numbers', cell: numbersOf },
      { label: 'Answered', cell: ({ decided_at: at }) => date(at) },
      { label: 'By', long: true, cell: ({ decided_by: by }) => by ?? '–' },
      { label: 'Why', long: true, cell: ({ why }) => why ?? '–' },
    ],
  });
  const look = keepLooking(
    async () => {
      const [those, all] = await Promise.all([everyWaiting(signal), newest(signal)]);
      waiting.show(those.toReversed());
      answered.show(all.filter(({ state }) => state !== 'applied'));
    },
    10_000,
    signal,
  );

  /** @param {Application} application @param {Event} event */
  const approve = async ({ id, publisher, campaign }, event) => {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    button.disabled = true;
    try {
      /** @type {{ number: string }} */
      const { number } = await post(`/applications/${encodeURIComponent(id)}/approve`);
      say(`${publisher} has ${number} for ${campaign}.`);
    } catch (error) {
      button.disabled = false;
      say(error instanceof Error ? error.message : String(error), 'bad');
    }
    await look();
    focusNext(button);
  };

  /** @param {Application} application */
  const refuse = async (application) => {
    const why = await refusal.ask(application);
    if (why === null) return;
    try {
      await post(`/applications/${encodeURIComponent(application.id)}/refuse`, { why });
      say(`${application.publisher} was refused for ${application.campaign}.`);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), 'bad');
    }
    await look();
    focusNext();
  };

  /** The row that had the focus is gone: the next answer is at hand. @param {HTMLElement} [button] */
  const focusNext = (button) => {
    if (button?.isConnected) return;
    const next = waiting.element.querySelector('button') ?? waiting.element;
    next.focus();
  };

  return h(
    'div',
    { class: 'view' },
    h('h1', {}, 'Applications'),
    panel('Waiting', waiting.element),
    panel('Answered', answered.element),
    refusal.element,
  );
}

/** @typedef {{ items: readonly Application[], next: string | null }} Page */

/** @param {AbortSignal} signal @returns {Promise<readonly Application[]>} */
async function everyWaiting(signal) {
  /** @type {Application[]} */
  const all = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {Page} */
    const page = await get(`/applications${query({ state: 'applied', limit: 200, cursor })}`, signal);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return all;
}

/** @param {AbortSignal} signal @returns {Promise<readonly Application[]>} */
async function newest(signal) {
  /** @type {Page} */
  const { items } = await get(`/applications${query({ limit: 100 })}`, signal);
  return items;
}

function refusalDialog() {
  const title = newId('refusal');
  const field = newId('why');
  const about = h('p');
  const why = h('input', { id: field, name: 'why', required: true, maxlength: 500, autocomplete: 'off' });
  /** @type {(why: string | null) => void} */
  let answer = () => undefined;
  /** @type {HTMLDialogElement} */
  const dialog = h(
    'dialog',
    { 'aria-labelledby': title, onclose: () => answer(null) },
    h(
      'form',
      {
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          const text = why.value.trim();
          if (text === '') return;
          answer(text);
          dialog.close();
        },
      },
      h('h2', { id: title }, 'Refuse an application'),
      about,
      h('label', { for: field }, 'Why, in words that the publisher reads'),
      why,
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'submit', class: 'danger' }, 'Refuse'),
        h('button', { type: 'button', onclick: () => dialog.close() }, 'Keep waiting'),
      ),
    ),
  );
  return {
    element: dialog,
    /** Null: it was thought better of. @param {Application} application @returns {Promise<string | null>} */
    ask({ publisher, campaign, source }) {
      about.textContent = `${publisher} for ${campaign}${source === null ? '' : `, source ${source}`}`;
      why.value = '';
      dialog.showModal();
      why.focus();
      return new Promise((resolve) => (answer = resolve));
    },
  };
}
