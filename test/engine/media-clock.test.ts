import { describe, expect, it } from 'vitest';
import { FrameClock, type Timebase } from '../../src/embedded/media/clock.ts';

/** Time that only moves when it is told to, and timers that are as late as one likes. */
class FakeTime implements Timebase {
  ms = 1000.5;
  #due: { at: number; then: () => void }[] = [];

  now(): number {
    return this.ms;
  }

  wake(ms: number, then: () => void): () => void {
    const timer = { at: this.ms + ms, then };
    this.#due.push(timer);
    return () => {
      this.#due = this.#due.filter((one) => one !== timer);
    };
  }

  /** Runs every timer until `until`, each late by what `lateness` says. */
  run(until: number, lateness: () => number): void {
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > until) break;
      this.#due = this.#due.filter((one) => one !== next);
      this.ms = Math.max(this.ms, next.at + lateness());
      next.then();
    }
    this.ms = Math.max(this.ms, until);
  }

  get timers(): number {
    return this.#due.length;
  }
}

function counted(time: FakeTime) {
  const clock = new FrameClock((_member, error) => {
    throw error;
  }, time);
  const ticks: { index: number; at: number }[] = [];
  const member = { tick: (index: number) => void ticks.push({ index, at: time.ms }) };
  clock.add(member);
  return { clock, ticks, member };
}

describe('the 20 ms clock', () => {
  it('runs 30000 frames in 10 minutes, each in its 20 ms, however late each timer is', () => {
    const time = new FakeTime();
    const start = time.ms;
    let seed = 1;
    const { ticks, clock } = counted(time);
    time.run(start + 600_000, () => (seed = (seed * 48_271) % 2_147_483_647) % 12);
    expect(ticks.length).toBeGreaterThanOrEqual(29_999);
    expect(ticks.length).toBeLessThanOrEqual(30_000);
    for (const [n, { index, at }] of ticks.entries()) {
      expect(index).toBe(n + 1);
      const late = at - (start + index * 20);
      if (late < 0 || late > 12) expect.fail(`frame ${index} came ${late} ms after it was due`);
    }
    expect(clock.skipped).toBe(0);
  });

  it('catches up after a stall, a few frames at a time', () => {
    const time = new FakeTime();
    const start = time.ms;
    const { ticks, clock } = counted(time);
    let stalled = false;
    time.run(start + 2000, () => {
      if (stalled || time.ms < start + 1000) return 0;
      stalled = true;
      return 300;
    });
    expect(ticks).toHaveLength(100);
    const sizes = new Map<number, number>();
    for (const { at } of ticks) sizes.set(at, (sizes.get(at) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(3);
    expect(clock.late).toBeGreaterThan(10);
    expect(clock.skipped).toBe(0);
  });

  it('leaves out what was missed while the process was suspended', () => {
    const time = new FakeTime();
    const start = time.ms;
    const { ticks, clock } = counted(time);
    let slept = false;
    time.run(start + 20_000, () => {
      if (slept || time.ms < start + 1000) return 0;
      slept = true;
      return 10_000;
    });
    expect(clock.skipped).toBeGreaterThan(490);
    expect(ticks.at(-1)!.index).toBe(1000);
  });

  it('has a timer only while it has members', () => {
    const time = new FakeTime();
    const { clock, member } = counted(time);
    expect([clock.running, time.timers]).toEqual([true, 1]);
    clock.remove(member);
    expect([clock.running, time.timers]).toEqual([false, 0]);
    clock.add(member);
    expect(time.timers).toBe(1);
  });
});
