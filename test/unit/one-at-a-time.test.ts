import { expect, test } from 'vitest';
import { settleable } from '../../src/deadline.ts';
import { oneAtATime } from '../../src/composition/one-at-a-time.ts';
import { watchCorrections } from '../../src/composition/watch-corrections.ts';

const ticks = async () => {
  for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve));
};

/** A story whose ends are ours: `begun` counts how often it was begun, `most` how many went on at once. */
function story() {
  const ends: (() => void)[] = [];
  const told = { begun: 0, going: 0, most: 0 };
  const tell = async () => {
    told.begun += 1;
    told.going += 1;
    told.most = Math.max(told.most, told.going);
    const { promise, settle } = settleable<undefined>();
    ends.push(() => settle(undefined));
    await promise;
    told.going -= 1;
  };
  return { told, tell, end: () => ends.shift()?.() };
}

test('a look that is asked for during another follows it, once for all who asked', async () => {
  const { told, tell, end } = story();
  const looks = oneAtATime(tell);
  const first = looks.look();
  const later = [looks.look(), looks.look()];
  expect(told.begun).toBe(1);
  end();
  await first;
  await ticks();
  expect(told).toEqual({ begun: 2, going: 1, most: 1 });
  expect(looks.isLooking()).toBe(true);
  void looks.look();
  end();
  await Promise.all(later);
  end();
  await looks.over();
  expect(told).toEqual({ begun: 3, going: 0, most: 1 });
  expect(looks.isLooking()).toBe(false);
  await looks.over();
});

test('corrections that are looked for during a look are looked for after it, and a stop waits for both', async () => {
  const { told, tell, end } = story();
  const watching = watchCorrections({ notice: tell });
  void watching.look();
  void watching.look();
  let isStopped = false;
  const stopping = watching.stop().then(() => (isStopped = true));
  expect(told).toEqual({ begun: 1, going: 1, most: 1 });
  end();
  await ticks();
  expect(told).toEqual({ begun: 2, going: 1, most: 1 });
  expect(isStopped).toBe(false);
  end();
  await stopping;
  expect(told).toEqual({ begun: 2, going: 0, most: 1 });
});
