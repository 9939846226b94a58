// How applications are shown, to whoever may see them.
import { h } from './dom.js';
import { when } from './format.js';
import { badge } from './table.js';

/** @typedef {import('../src/publishers/views.ts').ApplicationView} Application */

/** @type {Record<Application['state'], 'good' | 'warn' | 'bad' | 'plain'>} */
const kinds = {
  applied: 'warn',
  approved: 'good',
  paused: 'warn',
  refused: 'bad',
  withdrawn: 'plain',
  ended: 'plain',
};

/** @param {Application['state']} state */
export const stateBadge = (state) => badge(state === 'applied' ? 'waiting' : state, kinds[state]);

/** The numbers that it holds; one that counts only later says so. @param {Application} application */
export const numbersOf = ({ numbers }) =>
  numbers.length === 0
    ? '–'
    : h(
        'ul',
        { class: 'plain' },
        numbers.map(({ number, use, held_from: from }) =>
          h(
            'li',
            {},
            h('span', { class: 'tel' }, number),
            use === 'visitors' && ' visitors',
            Date.parse(from) > Date.now() && h('small', {}, ` from ${when(from)}`),
          ),
        ),
      );
