import { expect, it } from 'vitest';
import { loadInThread } from '../../../src/reload/load-in-thread.ts';

const hangs = new URL('data:text/javascript,setInterval(() => undefined, 1000)');
const order = { file: 'nothing.yaml', data: undefined };
const slices = { budgetMs: 2, now: () => performance.now(), yield: () => Promise.resolve() };

it('a loading thread that hangs is ended in time', async () => {
  const { signal } = new AbortController();
  const loaded = loadInThread(order, slices, { givenUp: signal, patience: 50, entry: hangs });
  await expect(loaded).rejects.toThrow('the loading thread was not done after 0.05 s');
});

it('and so is one that nobody waits for any more, before it began or since', async () => {
  const stopping = new AbortController();
  const limits = { givenUp: stopping.signal, entry: hangs };
  const loaded = loadInThread(order, slices, limits);
  stopping.abort();
  await expect(loaded).rejects.toThrow('given up');
  await expect(loadInThread(order, slices, limits)).rejects.toThrow('given up');
});
