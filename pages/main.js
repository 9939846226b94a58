// The pages of the network's people and of its publishers: who is signed in decides which.
import { get, Problem, remove, whenSignedOut } from './api.js';
import { fill, h, say } from './dom.js';
import { useNetwork } from './format.js';
import { listen } from './live.js';
import { applications } from './operator/applications.js';
import { numbers } from './operator/numbers.js';
import { overview } from './operator/overview.js';
import { call } from './call.js';
import { calls } from './calls.js';
import { campaigns } from './publisher/campaigns.js';
import { earnings } from './publisher/earnings.js';
import { shell } from './shell.js';
import { signIn } from './sign-in.js';

/** @typedef {{ role: 'admin' | 'publisher', publisher: string | null, network?: string, timezone?: string, currency?: string }} Who */
/**
 * @typedef {object} Context
 * @property {Who} who
 * @property {ReturnType<typeof listen>} live
 * @property {string} rest what follows the view's name in the address
 * @property {AbortSignal} signal aborted when another view is shown
 */
/** @typedef {{ path: string, title: string, show: (context: Context) => Element, hidden?: boolean }} View */

/** @type {Record<Who['role'], readonly View[]>} */
const views = {
  admin: [
    { path: '', title: 'Overview', show: overview },
    { path: 'calls', title: 'Calls', show: calls },
    { path: 'call', title: 'Call', show: call, hidden: true },
    { path: 'applications', title: 'Applications', show: applications },
    { path: 'numbers', title: 'Numbers', show: numbers },
  ],
  publisher: [
    { path: '', title: 'Campaigns', show: campaigns },
    { path: 'calls', title: 'Calls', show: calls },
    { path: 'call', title: 'Call', show: call, hidden: true },
    { path: 'earnings', title: 'Earnings', show: earnings },
  ],
};

const app = /** @type {HTMLElement} */ (document.getElementById('app'));
/** @type {() => void} */
let leave = () => undefined;

const ended = () => {
  leave();
  askForToken('Your session has ended.');
};
whenSignedOut(ended);

// Whether to ask at all: the cookie itself is not for scripts to see.
const mark = 'tollbridge.signed-in';

if (localStorage.getItem(mark) === null) askForToken();
else
  await get('/session').then(enter, (error) => {
    if (isUnknown(error)) askForToken();
    else askForPatience(error);
  });

// Another tab of this browser has signed in or out, for all of them.
addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key === mark && oldValue !== newValue) location.reload();
});

/** @param {string} [why] */
function askForToken(why) {
  localStorage.removeItem(mark);
  document.title = 'Sign in · tollbridge';
  fill(app, signIn({ why, onSignedIn: enter }));
  /** @type {HTMLElement | null} */ (app.querySelector('input[type=password]'))?.focus();
}

/** Of the session nothing is known now. @param {Error} error */
function askForPatience({ message }) {
  const again = h('button', { type: 'button', onclick: () => location.reload() }, 'Try again');
  const problem = h('p', { class: 'problem', role: 'alert' }, `${message}.`);
  fill(app, h('main', { class: 'sign-in' }, h('h1', {}, 'tollbridge'), problem, again));
}

/** @param {Who} who */
function enter(who) {
  localStorage.setItem(mark, who.publisher ?? who.role);
  useNetwork(who);
  const frame = shell({ who, views: views[who.role], onSignOut: () => void signOut() });
  const live = listen({
    onStanding: frame.standing,
    // Perhaps the session has ended: then this says so.
    onRefused: () => void get('/session').catch((error) => isUnknown(error) && ended()),
  });
  /** @type {AbortController | null} */
  let shown = null;
  const turn = () => {
    shown?.abort();
    shown = new AbortController();
    const [path = '', ...rest] = addressed().split('/');
    const view = views[who.role].find((one) => one.path === path) ?? views[who.role][0];
    if (view === undefined) return;
    document.title = `${view.title} · tollbridge`;
    frame.show(view, view.show({ who, live, rest: rest.join('/'), signal: shown.signal }));
  };
  const turnTo = () => {
    turn();
    frame.focus();
  };
  addEventListener('hashchange', turnTo);
  leave = () => {
    removeEventListener('hashchange', turnTo);
    shown?.abort();
    live.close();
    leave = () => undefined;
  };
  fill(app, frame.element);
  turn();
}

/** @param {unknown} error */
const isUnknown = (error) => error instanceof Problem && error.status === 401;

/** What stands behind the # of the address. */
function addressed() {
  const text = location.hash.replace(/^#\/?/, '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function signOut() {
  try {
    await remove('/session');
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), 'bad');
    return;
  }
  leave();
  location.hash = '';
  askForToken();
}
