// What stands around every view: where one can go, who one is, and whether what is shown is live.
import { announcements, fill, h, troubles } from './dom.js';
import { clockAndCurrency } from './format.js';
import { badge } from './table.js';

const standings = {
  connecting: badge('connecting', 'plain'),
  live: badge('live', 'good'),
  lost: badge('not live: reconnecting', 'bad'),
};

/**
 * @param {{ who: import('./main.js').Who, views: readonly import('./main.js').View[], onSignOut: () => void }} options
 */
export function shell({ who, views, onSignOut }) {
  const links = views
    .filter(({ hidden }) => hidden !== true)
    .map(({ path, title }) => ({ path, link: h('a', { href: `#/${path}` }, title) }));
  const main = h('main', { id: 'main', tabindex: -1 });
  const standing = h('span', { class: 'standing', role: 'status', 'aria-live': 'polite' });
  const skip = (/** @type {Event} */ event) => {
    // The address names the view: a jump within the page must not change it.
    event.preventDefault();
    main.focus();
  };
  const element = h(
    'div',
    { class: 'shell' },
    h('a', { href: '#main', class: 'skip', onclick: skip }, 'Skip to content'),
    h(
      'header',
      { class: 'top' },
      h('span', { class: 'brand' }, who.network ?? 'tollbridge'),
      h(
        'nav',
        { 'aria-label': 'Main' },
        h(
          'ul',
          {},
          links.map(({ link }) => h('li', {}, link)),
        ),
      ),
      h(
        'div',
        { class: 'who' },
        standing,
        h('span', { class: 'name' }, who.role === 'admin' ? 'Operator' : (who.publisher ?? '')),
        h('button', { type: 'button', onclick: onSignOut }, 'Sign out'),
      ),
    ),
    troubles(),
    main,
    h('footer', { class: 'foot' }, clockAndCurrency()),
    announcements(),
  );
  return {
    element,
    /** @param {import('./main.js').View} view @param {Element} content */
    show(view, content) {
      for (const { path, link } of links) {
        const here = path === view.path || (view.path === 'call' && path === 'calls');
        if (here) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
      }
      fill(main, content);
    },
    focus: () => main.focus(),
    /** @param {import('./live.js').Standing} now */
    standing: (now) => fill(standing, standings[now]),
  };
}
