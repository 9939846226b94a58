// Tables that can be filled again and again: rows that did not change stay the same elements, so that focus and a
// selection of text outlive a look at the switch.
import { fill, h } from './dom.js';
import { money } from './format.js';

/**
 * @template Row
 * @typedef {{ label: string, cell: (row: Row) => import('./dom.js').Child, numeric?: boolean, head?: boolean, long?: boolean }} Column
 * `long`: of whatever length, and breaks into lines.
 */

/**
 * @template Row
 * @param {{ caption: string, columns: readonly Column<Row>[], key: (row: Row) => string, empty: string, hideCaption?: boolean }} options
 */
export function table({ caption, columns, key, empty, hideCaption = false }) {
  const body = h('tbody', { role: 'rowgroup' });
  // Roles are said, too: where rows become cards on a narrow screen, browsers forget that this is a table.
  const element = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      { role: 'table' },
      h('caption', { class: hideCaption ? 'unseen' : null }, caption),
      h(
        'thead',
        { role: 'rowgroup' },
        h(
          'tr',
          { role: 'row' },
          columns.map(({ label, numeric }) =>
            h('th', { scope: 'col', role: 'columnheader', class: numeric ? 'number' : null }, label),
          ),
        ),
      ),
      body,
    ),
  );
  /** @type {Map<string, { told: string, row: HTMLElement }>} */
  let shown = new Map();

  /** @param {Row} row */
  const rowOf = (row) =>
    h(
      'tr',
      { role: 'row' },
      columns.map(({ label, cell, numeric, head, long }) =>
        h(
          head ? 'th' : 'td',
          {
            'data-label': label,
            class: numeric ? 'number' : long ? 'long' : null,
            role: head ? 'rowheader' : 'cell',
            scope: head ? 'row' : null,
          },
          cell(row),
        ),
      ),
    );

  return {
    element,
    /** @param {readonly Row[]} rows */
    show(rows) {
      const next = new Map();
      for (const row of rows) {
        const told = JSON.stringify(row);
        const known = shown.get(key(row));
        next.set(key(row), known?.told === told ? known : { told, row: rowOf(row) });
      }
      const same =
        next.size === shown.size && [...next].every(([name, { row }]) => shown.get(name)?.row === row);
      if (same && rows.length > 0) return;
      shown = next;
      if (rows.length === 0) {
        const none = h('td', { class: 'empty', role: 'cell', colspan: columns.length }, empty);
        fill(body, h('tr', { role: 'row' }, none));
      } else
        place(
          body,
          [...next.values()].map(({ row }) => row),
        );
    },
  };
}

/** Rows in this order; those that stay are not touched, or they would lose the focus. @param {Element} body @param {readonly Element[]} rows */
function place(body, rows) {
  const staying = new Set(rows);
  for (const row of [...body.children]) if (!staying.has(row)) row.remove();
  for (const [at, row] of rows.entries()) {
    const there = body.children[at] ?? null;
    if (there !== row) body.insertBefore(row, there);
  }
}

/**
 * Facts by name. @param {readonly (readonly [string, import('./dom.js').Child])[]} pairs
 */
export const facts = (pairs) =>
  h(
    'dl',
    { class: 'facts' },
    pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );

/** A word for a state, told by more than its colour. @param {string} text @param {'good' | 'warn' | 'bad' | 'plain'} kind */
export const badge = (text, kind) => h('span', { class: `badge ${kind}` }, text);

/** @param {string} title @param {...import('./dom.js').Child} children */
export function panel(title, ...children) {
  const id = `panel-${title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return h('section', { class: 'panel', 'aria-labelledby': id }, h('h2', { id }, title), children);
}

/** A figure at a glance. @param {string} name @param {import('./dom.js').Child | import('./dom.js').Child[]} value */
export const tile = (name, value) => h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value));

/** An amount in a tile, its currency small. @param {string} amount @param {string | null} currency */
export const amountOf = (amount, currency) =>
  h(
    'span',
    { class: 'amount' },
    money(amount),
    currency !== null && h('span', { class: 'unit' }, ` ${currency}`),
  );
