import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchEventLoop, type EventLoop, type Load } from '../../../src/event-loop.ts';

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing else gets a turn. */
const stand = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('the event loop', () => {
  let loop: EventLoop;
  beforeEach(() => {
    // Wide enough that a busy machine does not end it between the turn and the look at it.
    loop = watchEventLoop(3_000);
  });
  afterEach(() => {
    loop.stop();
  });

  it('tells of a turn that took long, and forgets it when its time is over', async () => {
    await turn(50);
    stand(1_500);
    await turn(0);
    await turn(30);
    expect(loop.delay().max).toBeGreaterThan(1_000);
    while (loop.delay().max > 1_000) await turn(50);
  });

  it('tells of each second but the first how late its turns came and how busy it was', async () => {
    const told: Load[] = [];
    const started = performance.now();
    loop.eachSecond((load) => told.push(load));
    while (told.length === 0) {
      stand(200);
      await turn(0);
    }
    const [{ delay, busy } = { delay: 0, busy: 0 }] = told;
    expect(performance.now() - started).toBeGreaterThan(1_900);
    expect(delay).toBeGreaterThan(150);
    expect(busy).toBeGreaterThan(0.7);
    expect(busy).toBeLessThanOrEqual(1);
  });

  it('takes one long pause of a second of long turns for a pause', async () => {
    const told: Load[] = [];
    loop.eachSecond((load) => told.push(load));
    const until = performance.now() + 1_010;
    while (performance.now() < until) await turn(5);
    // Begins the second that is told, of some thirty turns.
    stand(600);
    while (told.length === 0) {
      stand(15);
      await turn(0);
    }
    expect(told[0]?.busy).toBeGreaterThan(0.7);
    expect(told[0]?.delay).toBeLessThan(500);
  });
});
