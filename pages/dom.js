// Elements made of data. Text only ever becomes text: nothing here, or anywhere in these pages, parses markup.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => unknown)>} Attributes */

/**
 * An element with its attributes and children. `on…` listens; true sets an empty attribute; false, null and undefined
 * leave it out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {Element} parent
 * @param {...(Child | readonly Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/** @param {Element} parent @param {readonly (Child | readonly Child[])[]} children */
function append(parent, children) {
  for (const child of /** @type {Child[]} */ (children.flat())) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

let ids = 0;
/** For labels and descriptions, which name what they belong to. @param {string} what */
export const newId = (what) => `${what}-${++ids}`;

const announcer = h('div', { class: 'toast', role: 'status', 'aria-live': 'polite' });
/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading;

/** Where `say` says it; stands in the page once. */
export const announcements = () => announcer;

/** Tells what came of an action, to eyes and to screen readers. @param {string} text @param {'done' | 'bad'} [kind] */
export function say(text, kind = 'done') {
  clearTimeout(fading);
  announcer.dataset['kind'] = kind;
  announcer.textContent = text;
  fading = setTimeout(() => (announcer.textContent = ''), kind === 'bad' ? 15_000 : 8_000);
}
