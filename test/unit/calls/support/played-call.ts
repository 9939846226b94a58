/** Calls played on a stage: each task of the outside world in an order that the scheduler chooses. */
import fc, { type Scheduler } from 'fast-check';
import { vi } from 'vitest';
import { takeCall } from '../../../../src/calls/take-call.ts';
import type { CallRecord } from '../../../../src/records/events.ts';
import { FakeOffer, type BuyerScript, type FakeMedia } from '../../../support/fake-ports.ts';
import { stage, type CallStage } from './call-stage.ts';
import { caller, number, type Setup } from './small-network.ts';

export const setups: fc.Arbitrary<Setup> = fc.record({
  scripts: fc.array(
    fc.constantFrom<BuyerScript>(
      'answers',
      'busy',
      'rings for ever',
      'answers when cancelled',
      'early media, answers',
    ),
    { minLength: 3, maxLength: 3 },
  ),
  ivr: fc.boolean(),
  anchored: fc.boolean(),
  whisper: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  record: fc.boolean(),
  prompt: fc.boolean(),
  retry: fc.boolean(),
  group: fc.boolean(),
  offersLate: fc.boolean(),
});

/** What the outside does, and before which turn of the scheduler. */
export const disturbances = fc.array(
  fc.record({
    what: fc.constantFrom('caller goes', 'buyer goes', 'rtp stops', 'time passes'),
    turn: fc.integer({ min: 0, max: 30 }),
  }),
  { maxLength: 4 },
);

export const offerTo = (scheduler: Scheduler, world: CallStage, offersLate = false): FakeOffer =>
  new FakeOffer(scheduler, world.signalling, { from: caller, to: number, offersLate });

/** A call under way. */
interface Placed {
  readonly offer: FakeOffer;
  readonly story: { readonly over: boolean };
  /** The caller hangs up; resolves to the record. */
  readonly hangUp: () => Promise<CallRecord>;
  /** Resolves to the record once the call is over by itself. */
  readonly end: () => Promise<CallRecord>;
}

export function place(scheduler: Scheduler, world: CallStage, offer = offerTo(scheduler, world)): Placed {
  const story = follow(takeCall(offer, world.floor));
  const end = async () => {
    await play(scheduler, () => story.over);
    return world.record();
  };
  const hangUp = () => {
    offer.callerGoes();
    return end();
  };
  return { offer, story, end, hangUp };
}

/** Plays a call until the caller is through to a buyer. */
export async function connected(
  scheduler: Scheduler,
  setup: Setup,
  probed: 'up' | 'down' = 'up',
  change: (media: FakeMedia) => void = () => undefined,
) {
  const world = stage(scheduler, setup);
  change(world.media);
  world.signalling.answersProbes = probed;
  const placed = place(scheduler, world);
  const isConnected = () => world.floor.registry.all()[0]?.state === 'connected';
  await play(scheduler, isConnected);
  return { world, ...placed, isConnected };
}

interface Happening {
  readonly what: string;
  readonly turn: number;
}

/**
 * A call from its INVITE to its end, while this happens. The world never ends one for us: a caller who stays is hung up
 * on by the greatest call length.
 */
export async function playDisturbed(
  scheduler: Scheduler,
  world: CallStage,
  offer: FakeOffer,
  happenings: readonly Happening[],
): Promise<void> {
  const story = follow(takeCall(offer, world.floor));
  await play(
    scheduler,
    () => story.over,
    (turn) => {
      for (const { what } of happenings.filter((one) => one.turn === turn)) disturb(what, world, offer);
    },
  );
}

/** Takes one task of the outside world after another; where none waits, time passes to the next timer. */
export async function play(
  scheduler: Scheduler,
  isDone: () => boolean,
  before: (turn: number) => void = () => undefined,
): Promise<void> {
  for (let turn = 0; !isDone(); turn++) {
    before(turn);
    // What the last task set in motion runs to its next wait first.
    await new Promise((resolve) => setImmediate(resolve));
    if (scheduler.count() > 0) await scheduler.waitNext(1);
    else await vi.advanceTimersToNextTimerAsync();
  }
}

function follow(story: Promise<void>): { readonly over: boolean } {
  const followed = { over: false };
  void story.then(() => {
    followed.over = true;
  });
  return followed;
}

function disturb(what: string, world: CallStage, offer: FakeOffer): void {
  if (what === 'caller goes') offer.callerGoes();
  if (what === 'buyer goes') world.signalling.buyers.at(-1)?.farEndHangsUp();
  if (what === 'rtp stops') world.media.endpoints.at(-1)?.timesOut();
  if (what === 'time passes') vi.advanceTimersByTime(7_000);
}
