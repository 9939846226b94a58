import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settleable, withinAwake } from '../../src/deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** The process stands still: timers are heard once it is over, and all clocks have gone on. */
function standStill(ms: number): void {
  const at = performance.now() + ms;
  vi.spyOn(performance, 'now').mockReturnValueOnce(at);
}

test('what comes within the time is had, what does not is late', async () => {
  const answer = settleable<string>();
  const had = withinAwake(4_000, answer.promise, 'late');
  await vi.advanceTimersByTimeAsync(3_999);
  answer.settle('answer');
  expect(await had).toBe('answer');

  const late = withinAwake(4_000, new Promise<string>(() => undefined), 'late');
  const began = Date.now();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await late).toBe('late');
  expect(Date.now() - began).toBe(4_000);
});

test('the time in which the process stood still is not counted', async () => {
  const answer = settleable<string>();
  const had = withinAwake(4_000, answer.promise, 'late');
  await vi.advanceTimersByTimeAsync(3_500);
  standStill(60_000);
  await vi.advanceTimersByTimeAsync(500);
  // The answer was there all the time: it is read now.
  answer.settle('answer');
  expect(await had).toBe('answer');
});
