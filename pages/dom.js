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
    parent.append(child instanceof Node ? child : printable(String(child)));
  }
}

/** Without what would turn the line around it: names and labels are anybody's. @param {string} text */
const printable = (text) => text.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '');

let ids = 0;
/** For labels and descriptions, which name what they belong to. @param {string} what */
export const newId = (what) => `${what}-${++ids}`;

const trouble = h('div', { class: 'trouble', role: 'alert' });
/** What cannot be had now, by who asks for it. @type {Map<unknown, string>} */
const missing = new Map();

/** Where `miss` tells it; stands in the page once. */
export const troubles = () => trouble;

/**
 * Tells for as long as it lasts that what is shown is not how things are: one line for each reason, whoever has it.
 * @param {unknown} who @param {string | null} why null: it has what it asked for
 */
export function miss(who, why) {
  if (why === null ? !missing.delete(who) : missing.get(who) === why) return;
  if (why !== null) missing.set(who, why);
  fill(
    trouble,
    [...new Set(missing.values())].map((text) => h('p', {}, `Not up to date: ${text}.`)),
  );
}

const announcer = h('div', { class: 'toast', role: 'status', 'aria-live': 'polite' });
/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading;

/** Where `say` says it; stands in the page once. */
export const announcements = () => announcer;

/** Tells what came of an action, to eyes and to screen readers. @param {string} text @param {'done' | 'bad'} [kind] */
export function say(text, kind = 'done') {
  clearTimeout(fading);
  announcer.dataset['kind'] = kind;
  announcer.textContent = printable(text);
  fading = setTimeout(() => (announcer.textContent = ''), kind === 'bad' ? 15_000 : 8_000);
}
