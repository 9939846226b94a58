import { expect, test } from 'vitest';
import { backlogLoaded } from '../../src/composition/backlog.ts';
import { settleable } from '../../src/deadline.ts';
import { freePort } from '../support/ports.ts';

test('a start waits for its backlog however long it is, and says in the log and on /readyz how far it is', async () => {
  const loaded = settleable<undefined>();
  const said = settleable<undefined>();
  let lag = 12_000;
  const words: { readonly event: string; readonly fields: unknown }[] = [];
  const http = { host: '127.0.0.1', port: await freePort() };
  let isOver = false;
  const waiting = backlogLoaded(
    {
      caughtUp: () => loaded.promise,
      stats: () => ({ lag, lagSeconds: 1, connected: true, position: 1, gaps: 0, rejects: 0 }),
    },
    http,
    (_level, event, fields) => {
      words.push({ event, fields });
      if (words.length === 3) said.settle(undefined);
    },
    10,
  ).then(() => (isOver = true));
  await said.promise;
  lag = 7_000;
  const answer = await fetch(`http://127.0.0.1:${http.port}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    ready: false,
    reasons: ['loads what the last run left: 7000 entries of the journal to go'],
  });
  expect(words[0]).toEqual({ event: 'loading_backlog', fields: { entries: 12_000, connected: true } });
  expect(isOver).toBe(false);
  loaded.settle(undefined);
  await waiting;
  expect(words.at(-1)?.event).toBe('backlog_loaded');
  // The port is free for the switch itself.
  await expect(fetch(`http://127.0.0.1:${http.port}/readyz`)).rejects.toThrow();
});

test('where nothing is left it says nothing', async () => {
  const words: string[] = [];
  await backlogLoaded(
    {
      caughtUp: () => Promise.resolve(),
      stats: () => ({ lag: 0, lagSeconds: 0, connected: true, position: 1, gaps: 0, rejects: 0 }),
    },
    { host: '127.0.0.1', port: 1 },
    (_level, event) => words.push(event),
  );
  expect(words).toEqual([]);
});
