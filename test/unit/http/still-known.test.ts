/** How long a stream of events may go on. */
import { beforeEach, expect, it } from 'vitest';
import { anybody, type Asker } from '../../../src/http/bearer.ts';
import { Sessions } from '../../../src/http/sessions.ts';
import { stillKnown, trustedFor } from '../../../src/http/still-known.ts';

const hour = 3_600_000;
const hash = 'hash-of-the-token';
const asker: Asker = { kind: 'publisher', publisher: 'clickwise', id: 'token-1', label: 'Ann' };

let clock: number;
let sessions: Sessions;
let askerBy: () => Promise<Asker | null>;
beforeEach(() => {
  clock = 0;
  sessions = new Sessions(() => clock);
  askerBy = () => Promise.resolve(asker);
});

const knowing = () => ({ sessions, askerBy: () => askerBy(), now: () => clock });
const byToken = () => stillKnown({ asker, tokenHash: hash, session: null }, knowing());
function bySession() {
  const session = sessions.open(hash);
  return { session, isKnown: stillKnown({ asker, tokenHash: hash, session }, knowing()) };
}

it('ends with the logout, though the token goes on', async () => {
  const { session, isKnown } = bySession();
  const [another, withToken] = [bySession(), byToken()];
  expect(await isKnown()).toBe(true);
  sessions.close(session);
  expect([await isKnown(), await another.isKnown(), await withToken()]).toEqual([false, true, true]);
});

it('ends 12 hours after the session was used last: to listen is no use of it', async () => {
  const { session, isKnown } = bySession();
  clock = 11 * hour;
  expect(sessions.tokenOf(session)).toBe(hash);
  for (clock = 12 * hour; clock <= 23 * hour; clock += hour) expect(await isKnown()).toBe(true);
  clock = 23 * hour + 1;
  expect(await isKnown()).toBe(false);
});

it('ends 7 days after the session was opened, however much it is used', async () => {
  const { session, isKnown } = bySession();
  for (; clock < 7 * 24 * hour; clock += hour) sessions.tokenOf(session);
  expect(await isKnown()).toBe(true);
  clock += 1;
  expect(await isKnown()).toBe(false);
});

it.each([
  ['was revoked', null],
  ['is another’s now', { ...asker, id: 'token-2' }],
])('ends once the token %s', async (_what, now) => {
  const [isKnown, { isKnown: inSession }] = [byToken(), bySession()];
  expect([await isKnown(), await inSession()]).toEqual([true, true]);
  askerBy = () => Promise.resolve(now);
  expect([await isKnown(), await inSession()]).toEqual([false, false]);
});

it('goes on for a minute while the records are away, counted from when the token was known last', async () => {
  const isKnown = byToken();
  clock = 10 * hour;
  expect(await isKnown()).toBe(true);
  askerBy = () => Promise.reject(new Error('away'));
  clock += trustedFor - 1;
  expect(await isKnown()).toBe(true);
  clock += 1;
  expect(await isKnown()).toBe(false);
});

it('of whoever came without a token goes on', async () => {
  askerBy = () => Promise.reject(new Error('away'));
  const isKnown = stillKnown({ asker: anybody, tokenHash: null, session: null }, knowing());
  clock = 9 * 24 * hour;
  expect(await isKnown()).toBe(true);
});
