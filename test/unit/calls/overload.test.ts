import { describe, expect, test } from 'vitest';
import { Overload } from '../../../src/calls/overload.ts';

const stall = 200;
const calm = { delay: 1, busy: 0.4 };

function offered(overload: Overload, calls: number, from: number): number {
  let taken = 0;
  for (let call = 0; call < calls; call++) {
    if (overload.refuses(from + (call * 1_000) / calls) === null) taken++;
  }
  return taken;
}

describe('a loop that is held up', () => {
  test('takes nothing, until it is late by less than half of that', () => {
    const overload = new Overload();
    overload.observe([{ delay: stall + 1, busy: 0.9 }], stall);
    expect(overload.refuses(0)).toBe('stalled');
    overload.observe([{ delay: stall / 2 + 1, busy: 0.9 }], stall);
    expect(overload.refuses(1_000)).toBe('stalled');
    overload.observe([{ delay: stall / 2, busy: 0.9 }], stall);
    expect(overload.refuses(2_000)).toBeNull();
  });

  test('is late at the bound itself without harm', () => {
    const overload = new Overload();
    overload.observe([{ delay: stall, busy: 0.9 }], stall);
    expect(overload.refuses(0)).toBeNull();
  });

  test('is nobody’s business where nothing is to be made of it', () => {
    const overload = new Overload();
    for (let second = 0; second < 5; second++) {
      expect(offered(overload, 100, second * 1_000)).toBe(100);
      overload.observe([{ delay: 5_000, busy: 1 }], null);
    }
    expect(overload.limit).toBeNull();
  });
});

describe('of several loops', () => {
  const resting = { delay: 1, busy: 0.2 };

  test.each([0, 1])('the one without rest counts, wherever it stands: %i', (place) => {
    const overload = new Overload();
    offered(overload, 100, 0);
    overload.observe([resting].toSpliced(place, 0, { delay: 1, busy: 1 }), stall);
    expect(overload.limit).toBeCloseTo(93);
  });

  test('a stalled one stalls the calls', () => {
    const overload = new Overload();
    overload.observe([resting, { delay: stall + 1, busy: 0.9 }], stall);
    expect(overload.refuses(0)).toBe('stalled');
    overload.observe([resting, resting], stall);
    expect(overload.refuses(1_000)).toBeNull();
  });

  test('one that is late as it rests and one that is busy in time are no stall together', () => {
    const overload = new Overload();
    offered(overload, 100, 0);
    overload.observe(
      [
        { delay: 2_000, busy: 0.4 },
        { delay: 1, busy: 0.9 },
      ],
      stall,
    );
    expect(overload.refuses(1_000)).toBeNull();
    expect(overload.limit).toBeNull();
  });
});

test('a loop that rests in between waits for the machine: fewer calls would not help it', () => {
  const overload = new Overload();
  overload.observe([{ delay: 2_000, busy: 0.4 }], stall);
  expect(overload.refuses(0)).toBeNull();
});

test('late timers of a loop that rests in between lower nothing', () => {
  const overload = new Overload();
  offered(overload, 100, 0);
  overload.observe([{ delay: 150, busy: 0.3 }], stall);
  expect(overload.limit).toBeNull();
});

test('a busy loop without calls to speak of is not made better by refusing them', () => {
  const overload = new Overload();
  offered(overload, 1, 0);
  overload.observe([{ delay: 150, busy: 1 }], stall);
  expect(overload.limit).toBeNull();
});

test('one late second of a busy loop is a hiccup, two are a load', () => {
  const overload = new Overload();
  offered(overload, 100, 0);
  overload.observe([{ delay: 100, busy: 0.8 }], stall);
  expect(overload.limit).toBeNull();
  offered(overload, 100, 1_000);
  overload.observe([{ delay: 100, busy: 0.8 }], stall);
  expect(overload.limit).toBeCloseTo(80);
});

test('a limit that was far too low is left behind within seconds, once the loop rests', () => {
  const overload = new Overload();
  offered(overload, 10, 0);
  overload.observe([{ delay: 100, busy: 1 }], stall);
  expect(overload.limit).toBeCloseTo(8);
  let second = 1;
  while (overload.limit !== null) {
    offered(overload, 200, second++ * 1_000);
    overload.observe([{ delay: 1, busy: 0.3 }], stall);
  }
  expect(second, 'seconds').toBeLessThanOrEqual(25);
});

test('a stalled loop, which is given nothing, keeps its limit for when it goes on', () => {
  const overload = new Overload();
  offered(overload, 100, 0);
  overload.observe([{ delay: stall + 1, busy: 1 }], stall);
  offered(overload, 100, 1_000);
  overload.observe([{ delay: stall, busy: 1 }], stall);
  expect(overload.isStalled).toBe(true);
  expect(overload.limit).toBeCloseTo(80);
});

test('fewer at once, more bit by bit, then as many as come', () => {
  const overload = new Overload();
  offered(overload, 100, 0);
  overload.observe([{ delay: 100, busy: 1 }], stall);
  expect(overload.limit).toBeCloseTo(80);
  expect(offered(overload, 200, 1_000)).toBeLessThanOrEqual(101);
  let before = 80;
  for (let second = 2; overload.limit !== null; second++) {
    expect(second, 'seconds').toBeLessThan(60);
    expect(overload.limit).toBeGreaterThanOrEqual(before);
    before = overload.limit;
    offered(overload, 40, second * 1_000);
    overload.observe([calm], stall);
  }
  expect(offered(overload, 1_000, 100_000)).toBe(1_000);
});

/**
 * A switch with one CPU, worked in the order in which things come: a call costs `setUp` when it is taken and `tearDown`
 * when it ends, a refusal `refusal`; milliseconds. Whoever waits for longer than two seconds has hung up.
 */
function simulate(given: {
  /** Of what it can just carry. */
  readonly offered: (at: number) => number;
  readonly refusal: number;
  readonly talks: number;
  /** How much of its backlog the loop's delay shows: the rest waits in sockets. */
  readonly shows: number;
  readonly isGuarded: boolean;
}) {
  const [setUp, tearDown, seconds] = [2.5, 1, 180];
  const clean = 1_000 / (setUp + tearDown);
  const overload = new Overload();
  const ends: number[] = [];
  const completed = Array.from({ length: seconds }, () => 0);
  let [ended, nextInvite, free, second, busy, delay] = [0, 0, 0, 1_000, 0, 0];
  for (;;) {
    const end = ends[ended] ?? Number.POSITIVE_INFINITY;
    const came = Math.min(end, nextInvite);
    const begins = Math.max(came, free);
    for (; begins >= second; second += 1_000) {
      if (given.isGuarded) overload.observe([{ delay, busy: Math.min(1, busy / 1_000) }], stall);
      [busy, delay] = [0, 0];
    }
    if (begins >= seconds * 1_000) break;
    delay = Math.max(delay, Math.min(given.shows, begins - came));
    let cost = tearDown;
    if (came === end) ended++;
    else {
      nextInvite += 1_000 / (given.offered(came) * clean);
      const isTaken = !given.isGuarded || overload.refuses(begins) === null;
      cost = isTaken ? setUp : given.refusal;
      if (isTaken) ends.push(begins + given.talks);
      if (isTaken && begins - came < 2_000) completed[Math.floor(begins / 1_000)]! += 1;
    }
    free = begins + cost;
    busy += cost;
  }
  const share = (from: number, to: number) =>
    completed.slice(from, to).reduce((sum, one) => sum + one, 0) / (to - from) / clean;
  return { share, overload };
}

describe('at twice of what it can carry', () => {
  test('an unguarded switch carries nothing in the end', () => {
    const given = { offered: () => 2, refusal: 0.3, talks: 3_000, shows: 15, isGuarded: false };
    expect(simulate(given).share(30, 180)).toBe(0);
  });

  test.each(
    [100, 3_000, 10_000, 30_000].flatMap((talks) =>
      [0.1, 0.3].flatMap((refusal) =>
        [15, Number.POSITIVE_INFINITY].map((shows) => ({ talks, refusal, shows })),
      ),
    ),
  )(
    'at least 70 %% of that is carried: $talks ms of talk, $refusal ms a refusal, $shows ms seen',
    (given) => {
      const { share } = simulate({ ...given, offered: () => 2, isGuarded: true });
      expect(share(40, 180)).toBeGreaterThan(0.7);
    },
  );

  test.each([100, 3_000, 10_000])('even where a refusal costs a sixth of a call: %i ms of talk', (talks) => {
    const { share } = simulate({ talks, refusal: 0.6, shows: 15, offered: () => 2, isGuarded: true });
    expect(share(40, 180)).toBeGreaterThan(0.7);
  });
});

test.each([0.5, 0.95])('at %f of what it can carry nobody is refused', (part) => {
  const given = { offered: () => part, refusal: 0.3, talks: 3_000, shows: 200, isGuarded: true };
  const { share, overload } = simulate(given);
  expect(share(0, 180)).toBeGreaterThan(part * 0.99);
  expect(overload.limit).toBeNull();
});

test('once fewer come, all of them are taken again, soon', () => {
  const offered = (at: number) => (at < 60_000 ? 2 : 0.5);
  const { share, overload } = simulate({ offered, refusal: 0.3, talks: 3_000, shows: 15, isGuarded: true });
  expect(share(75, 180)).toBeGreaterThan(0.495);
  expect(overload.limit).toBeNull();
});
