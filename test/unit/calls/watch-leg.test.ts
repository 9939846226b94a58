import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchLeg } from '../../../src/calls/watch-leg.ts';

type Found = 'there' | 'gone' | 'silent';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** When the leg was asked, and when it was lost, in seconds; it answers `answers` in turn, the last of them for ever. */
function watched(...answers: readonly Found[]) {
  const began = Date.now();
  const passed = () => (Date.now() - began) / 1_000;
  const seen = { asked: [] as number[], lost: [] as number[] };
  const alive = () => Promise.resolve(answers[Math.min(seen.asked.push(passed()), answers.length) - 1]!);
  return {
    seen,
    end: watchLeg(
      { alive },
      () => true,
      () => seen.lost.push(passed()),
    ),
  };
}

test('a leg that answers is asked once a minute, and not after the end of the watch', async () => {
  const { seen, end } = watched('there');
  await vi.advanceTimersByTimeAsync(200_000);
  end();
  await vi.advanceTimersByTimeAsync(200_000);
  expect(seen).toEqual({ asked: [60, 120, 180], lost: [] });
});

test('a silent leg is asked again sooner, and lost at the third silence in a row', async () => {
  const { seen } = watched('silent');
  await vi.advanceTimersByTimeAsync(200_000);
  expect(seen).toEqual({ asked: [60, 70, 80], lost: [80] });
});

test('an answer in between begins the count anew', async () => {
  const { seen, end } = watched('silent', 'silent', 'there', 'silent', 'silent', 'there');
  await vi.advanceTimersByTimeAsync(230_000);
  end();
  expect(seen).toEqual({ asked: [60, 70, 80, 140, 150, 160, 220], lost: [] });
});

test('a leg that is heard is not asked, and its silence before is forgotten', async () => {
  const unheard = [false, true, true, false, true, true, false, false];
  const asked = vi.fn(() => Promise.resolve<Found>('silent'));
  const lost = vi.fn();
  const end = watchLeg({ alive: asked }, () => unheard.shift() ?? false, lost);
  await vi.advanceTimersByTimeAsync(600_000);
  end();
  expect(asked).toHaveBeenCalledTimes(4);
  expect(lost).not.toHaveBeenCalled();
});

test('a leg that says that it knows nothing of the call is lost at once', async () => {
  const { seen } = watched('there', 'gone');
  await vi.advanceTimersByTimeAsync(200_000);
  expect(seen).toEqual({ asked: [60, 120], lost: [120] });
});

test('an answer that comes after the end of the watch ends nothing', async () => {
  let answer: (found: Found) => void = () => undefined;
  const alive = () => new Promise<Found>((resolve) => (answer = resolve));
  const lost = vi.fn();
  const end = watchLeg({ alive }, () => true, lost);
  await vi.advanceTimersByTimeAsync(60_000);
  end();
  answer('gone');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lost).not.toHaveBeenCalled();
});
