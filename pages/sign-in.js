// A token is exchanged for a cookie that scripts cannot read; it is kept nowhere else.
import { post } from './api.js';
import { h, newId } from './dom.js';

/** @param {{ why?: string | undefined, onSignedIn: (who: import('./main.js').Who) => void }} options */
export function signIn({ why, onSignedIn }) {
  const id = newId('token');
  const problem = newId('problem');
  const input = h('input', {
    ...{ id, type: 'password', required: true, spellcheck: 'false', 'aria-describedby': problem },
    autocomplete: 'current-password',
  });
  const told = h('p', { id: problem, class: 'problem', role: 'alert' }, why ?? '');
  const button = h('button', { type: 'submit', class: 'primary' }, 'Sign in');
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    button.disabled = true;
    told.textContent = '';
    try {
      onSignedIn(await post('/session', { token: input.value.trim() }));
    } catch (error) {
      told.textContent = error instanceof Error ? error.message : String(error);
      input.setAttribute('aria-invalid', 'true');
      input.focus();
    } finally {
      button.disabled = false;
    }
  };
  return h(
    'main',
    { class: 'sign-in' },
    h('h1', {}, 'tollbridge'),
    h(
      'form',
      { onsubmit: submit },
      // Password managers file what they keep under a name.
      h('input', { type: 'text', autocomplete: 'username', value: 'tollbridge', hidden: true }),
      h('label', { for: id }, 'Access token'),
      input,
      told,
      button,
      h('p', { class: 'hint' }, 'The network’s operator gives out tokens: tollbridge tokens add.'),
    ),
  );
}
