/** Who finds no buyer hears the prompt, as long as there is something to spare for it. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Overload } from '../../../src/calls/overload.ts';
import { place, play } from './support/played-call.ts';
import { stage, type CallStage } from './support/call-stage.ts';
import { plain } from './support/small-network.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => void vi.useRealTimers());

const busy = { ...plain, scripts: ['busy', 'busy', 'busy'], prompt: true } as const;
const withoutRest = { delay: 1_000, busy: 1 };
const stall = 100;

/** Endpoints that were opened for a call whom no buyer takes, and what its caller was answered. */
async function withoutBuyer(change: (world: CallStage, overload: Overload) => void) {
  const seen: { readonly endpoints: number; readonly answered: boolean; readonly cause: string }[] = [];
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const overload = new Overload();
      const staged = stage(scheduler, busy);
      const world = { ...staged, floor: { ...staged.floor, overload } };
      const placed = place(scheduler, world);
      change(world, overload);
      const record = await placed.end();
      await play(scheduler, () => scheduler.count() === 0);
      const endpoints = world.media.endpoints.length;
      seen.push({ endpoints, answered: record.answeredAt !== null, cause: record.cause });
    }),
    { numRuns: 5 },
  );
  return seen;
}

const prompted = { endpoints: 1, answered: true, cause: 'no_buyer' };
const turnedAway = { endpoints: 0, answered: false, cause: 'no_buyer' };

test('the prompt', async () => {
  expect(await withoutBuyer(() => undefined)).toEqual(Array.from({ length: 5 }, () => prompted));
});

test('no prompt where no media can be had: the call ends for want of a buyer, not of media', async () => {
  const seen = await withoutBuyer(({ media }) => (media.free = 0));
  expect(seen).toEqual(Array.from({ length: 5 }, () => turnedAway));
});

test('no prompt by a switch that turns calls away: it has nothing to spare', async () => {
  const seen = await withoutBuyer((_, overload) => overload.observe([withoutRest], stall));
  expect(seen).toEqual(Array.from({ length: 5 }, () => turnedAway));
});
