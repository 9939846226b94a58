import fc, { type Scheduler } from 'fast-check';
import { Registry as Metrics } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Carriers } from '../../../src/calls/carriers.ts';
import type { Floor } from '../../../src/calls/floor.ts';
import { Overload } from '../../../src/calls/overload.ts';
import { Leases } from '../../../src/calls/leases.ts';
import { Performance } from '../../../src/calls/performance.ts';
import { Registry } from '../../../src/calls/registry.ts';
import { Books, type Kind } from '../../../src/calls/scope.ts';
import { Settlements } from '../../../src/calls/settlements.ts';
import { takeCall } from '../../../src/calls/take-call.ts';
import { Tally } from '../../../src/calls/tally.ts';
import { Trunks } from '../../../src/calls/trunks.ts';
import { UsageBook } from '../../../src/calls/usage.ts';
import { settleable } from '../../../src/deadline.ts';
import type { Opened } from '../../../src/media/media.ts';
import { createEvents } from '../../../src/events.ts';
import type { CallRecord, JournalEvent } from '../../../src/records/events.ts';
import type { Buyer, Campaign, Ivr, Network } from '../../../src/routing/network.ts';
import { compile } from '../../../src/routing/table.ts';
import { FakeMedia, FakeOffer, FakeSignalling, type BuyerScript } from '../../support/fake-ports.ts';

const number = '+18005550100';
const caller = '+12145550111';

interface Setup {
  readonly scripts: readonly BuyerScript[];
  readonly ivr: boolean;
  readonly anchored: boolean;
  /** Of each buyer. */
  readonly whisper: readonly boolean[];
  readonly record: boolean;
  readonly prompt: boolean;
  readonly retry: boolean;
  /** The first two buyers ring together. */
  readonly group: boolean;
  /** The caller's INVITE has no SDP. */
  readonly offersLate?: boolean;
}

const setups: fc.Arbitrary<Setup> = fc.record({
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
const disturbances = fc.array(
  fc.record({
    what: fc.constantFrom('caller goes', 'buyer goes', 'rtp stops', 'time passes'),
    turn: fc.integer({ min: 0, max: 30 }),
  }),
  { maxLength: 4 },
);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('whatever crosses, a call has one record and gives back all that it held, once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), setups, disturbances, async (scheduler, setup, happenings) => {
      const world = stage(scheduler, setup);
      const { offersLate = false } = setup;
      const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number, offersLate });
      await playDisturbed(scheduler, world, offer, happenings);
      await play(scheduler, () => scheduler.count() === 0);

      const records = world.journal.filter((event) => event.type === 'ended').map(({ record }) => record);
      expect(records).toHaveLength(1);
      consistent(records[0]!, offer);
      expect(world.signalling.liveLegs).toBe(0);
      expect(world.media.liveEndpoints).toBe(0);
      expect(world.media.endpoints.filter((end) => end.wasBridgedBlindly)).toEqual([]);
      // Media that nobody sends to us must not end a call by its silence.
      expect(world.media.endpoints.filter((end) => end.isWatched && !end.wasBridged)).toEqual([]);
      for (const kind of ['leg', 'endpoint', 'lease', 'timer'] satisfies Kind[]) {
        expect(world.floor.books.held(kind), kind).toBe(0);
      }
      for (const subject of ['buyer:one', 'buyer:two', 'campaign:solar', 'trunk:pbx'] as const) {
        expect(world.floor.usages.of(subject).live(null), subject).toBe(0);
      }
      // Who was through to the caller may yet convert, until the verdict; nobody else.
      const mayConvert = () =>
        (['one', 'two', 'three'] as const).filter(
          (id) => world.floor.usages.of(`buyer:${id}`).mayConvert(null) > 0,
        );
      const { call, buyer } = records[0]!;
      expect(mayConvert()).toEqual(buyer === null ? [] : [buyer]);
      world.floor.settlements.forgo(call);
      expect(mayConvert()).toEqual([]);
      expect(world.floor.registry.size).toBe(0);
      expect(vi.getTimerCount(), 'timers').toBe(0);
      expect(world.defects()).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('CANCEL crossing 200: the buyer who answers a cancelled attempt is hung up on, and the next one has the call', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = stage(scheduler, {
        scripts: ['answers when cancelled', 'answers', 'answers'],
        ivr: false,
        anchored: false,
        whisper: [],
        record: false,
        prompt: false,
        retry: false,
        group: false,
      });
      const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
      const story = follow(takeCall(offer, world.floor));
      await play(scheduler, () => world.floor.registry.all()[0]?.state === 'connected');
      await play(scheduler, () => scheduler.count() === 0);
      // The caller's leg and the second buyer's; the first buyer's 200 got its BYE.
      expect(world.signalling.liveLegs).toBe(2);
      offer.callerGoes();
      await play(scheduler, () => story.over);
      const record = world.journal.find((event) => event.type === 'ended')!.record;
      expect(record).toMatchObject({ outcome: 'connected', cause: 'caller_hangup', buyer: 'two' });
      expect(record.attempts.map(({ buyer, result }) => [buyer, result])).toEqual([
        ['one', 'no_answer'],
        ['two', 'answered'],
      ]);
      expect(world.signalling.liveLegs).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('a far end that says nothing at all: given up after 2 s, its late answer hung up on, the next one has the call', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, anchored) => {
      const scripts: BuyerScript[] = ['answers when cancelled', 'answers', 'busy'];
      const { world, offer, story } = await connected(scheduler, { ...plain, scripts, anchored }, 'down');
      await play(scheduler, () => scheduler.count() === 0);
      expect(world.signalling.liveLegs).toBe(2);
      offer.callerGoes();
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      expect(record).toMatchObject({ outcome: 'connected', buyer: 'two' });
      const [silent] = record.attempts;
      expect(silent).toMatchObject({
        ...{ buyer: 'one', result: 'no_response', status: 408, reason: 'no response within 2 s' },
        ...{ ringingAt: null, answeredAt: null },
      });
      expect(silent!.endedAt - silent!.startedAt).toBe(2_000);
      expect(world.signalling.liveLegs).toBe(0);
      expect(world.floor.books.held('timer')).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('a far end that answers OPTIONS while it looks for a phone may ring as long as any other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const scripts: BuyerScript[] = ['answers when cancelled', 'answers'];
      const { world, offer, story } = await connected(scheduler, { ...plain, scripts }, 'up');
      offer.callerGoes();
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      const [slow] = record.attempts;
      expect(slow).toMatchObject({ buyer: 'one', result: 'no_answer' });
      expect(slow!.endedAt - slow!.startedAt).toBe(20_000);
    }),
    { numRuns: 10 },
  );
});

const plain: Setup = {
  scripts: [],
  ivr: false,
  anchored: false,
  whisper: [],
  record: false,
  prompt: false,
  retry: false,
  group: false,
};

/** Plays a call until the caller is through to a buyer. */
async function connected(
  scheduler: Scheduler,
  setup: Setup,
  probed: 'up' | 'down' = 'up',
  change: (media: FakeMedia) => void = () => undefined,
) {
  const world = stage(scheduler, setup);
  change(world.media);
  world.signalling.answersProbes = probed;
  const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
  const story = follow(takeCall(offer, world.floor));
  const isConnected = () => world.floor.registry.all()[0]?.state === 'connected';
  await play(scheduler, isConnected);
  return { world, offer, story, isConnected };
}

test('a buyer who hangs up early loses the call to the next one, who alone is its buyer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, anchored) => {
      const scripts: BuyerScript[] = ['answers', 'answers', 'busy'];
      const setup = { ...plain, scripts, anchored, retry: true };
      const { world, offer, story, isConnected } = await connected(scheduler, setup);
      world.signalling.buyers[0]!.farEndHangsUp();
      await play(scheduler, () => !isConnected());
      await play(scheduler, isConnected);
      offer.callerGoes();
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      expect(record).toMatchObject({ outcome: 'connected', cause: 'caller_hangup', buyer: 'two' });
      expect(record.attempts.map(({ result }) => result)).toEqual(['early_hangup', 'answered']);
      expect(world.signalling.liveLegs).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('a ring group: the first answer has the call, every other one its CANCEL or BYE', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, anchored) => {
      const scripts: BuyerScript[] = ['answers', 'answers', 'busy'];
      const { world, offer, story } = await connected(scheduler, {
        ...plain,
        scripts,
        anchored,
        group: true,
      });
      await play(scheduler, () => scheduler.count() === 0);
      expect(world.signalling.liveLegs).toBe(2);
      offer.callerGoes();
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      // Who answers before the other is even dialled saves it the INVITE.
      const results = record.attempts.map(({ result }) => result).sort();
      expect([['answered'], ['answered', 'cancelled']]).toContainEqual(results);
      expect(record.attempts.find(({ result }) => result === 'answered')?.buyer).toBe(record.buyer);
      expect(world.signalling.liveLegs).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test.each([[[true, false]], [[false, true]]])(
  'a ring group of which some are whispered to (%j) goes through our media, whoever answers first',
  async (whisper) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const scripts: BuyerScript[] = ['answers', 'answers', 'busy'];
        const { world, offer, story } = await connected(scheduler, {
          ...plain,
          scripts,
          whisper,
          group: true,
        });
        await play(scheduler, () => scheduler.count() === 0);
        const watched = world.media.endpoints.filter((end) => end.isWatched);
        expect(watched.map((end) => end.wasBridged)).toEqual([true, true]);
        offer.callerGoes();
        await play(scheduler, () => story.over);
        const { record } = world.journal.find((event) => event.type === 'ended')!;
        expect(record).toMatchObject({ outcome: 'connected', cause: 'caller_hangup', media: 'anchored' });
      }),
      { numRuns: 50 },
    );
  },
);

test.each(['late', 'never'] as const)(
  'who answers first of a ring group waits for nobody: media for another comes %s',
  async (when) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = stage(scheduler, {
          ...plain,
          scripts: ['answers', 'answers'],
          anchored: true,
          group: true,
        });
        const opening = settleable<Opened>();
        const open = world.media.open.bind(world.media);
        let asked = 0;
        // The caller's and the first buyer's come, the second buyer's is in no hurry.
        world.media.open = () => (++asked === 3 ? opening.promise : open());
        const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
        const story = follow(takeCall(offer, world.floor));
        const [call] = world.floor.registry.all();
        await play(scheduler, () => call!.state === 'connected' || story.over);
        expect(call!.connectedTo?.buyer.id).toBe('one');
        if (when === 'late') opening.settle({ ok: false, reason: 'unavailable' });
        await play(scheduler, () => scheduler.count() === 0);
        expect(call!.isOver(), 'over').toBe(false);
        offer.callerGoes();
        opening.settle({ ok: false, reason: 'unavailable' });
        await play(scheduler, () => story.over);
        const { record } = world.journal.find((event) => event.type === 'ended')!;
        expect(record.attempts.map(({ buyer, result }) => [buyer, result])).toEqual([['one', 'answered']]);
        expect(world.floor.books.held('endpoint')).toBe(0);
        // Who was not dialled was offered nothing, and has not seen the caller.
        expect(world.floor.tally.seen(caller, 'solar', 'one', 'attempted')).not.toBeNull();
        expect(world.floor.tally.seen(caller, 'solar', 'two', 'attempted')).toBeNull();
        expect(world.floor.usages.of('buyer:two').lastOffered()).toBeNull();
        expect(world.floor.usages.of('buyer:two').happened('attempted', 'ever', Date.now())).toBe(0);
        expect(world.floor.trunks.startedThisSecond('pbx', call!.startedAt)).toBe(1);
        expect(world.defects()).toEqual([]);
      }),
      { numRuns: 30 },
    );
  },
);

test('a 200 that does not reach the caller is the fault of the switch', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = stage(scheduler, { ...plain, scripts: ['answers'] });
      const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
      offer.answer = () => Promise.resolve({ ok: false, reason: 'failed' });
      const story = follow(takeCall(offer, world.floor));
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      expect(record).toMatchObject({ outcome: 'failed', cause: 'signalling_lost', hungUpBy: 'switch' });
    }),
    { numRuns: 10 },
  );
});

test.each(['offered', 'attempted', 'ended'] as const)(
  'a journal that throws at `%s` leaves nothing behind, and the caller has an answer',
  async (type) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = stage(scheduler, { ...plain, scripts: ['busy'] });
        const append = world.floor.journal.append.bind(world.floor.journal);
        world.floor.journal.append = (event) => {
          if (event.type === type) throw new Error('the journal is closed');
          append(event);
        };
        const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
        const story = follow(takeCall(offer, world.floor));
        await play(scheduler, () => story.over);
        await play(scheduler, () => scheduler.count() === 0);
        expect(world.floor.registry.size).toBe(0);
        expect(world.floor.books.held('lease')).toBe(0);
        expect(offer.rejected).toEqual([500]);
        expect(world.defects().length).toBeGreaterThan(0);
      }),
      { numRuns: 5 },
    );
  },
);

test('a leg whose BYE was lost is found out by asking it, where its media is not ours to watch', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { world, story } = await connected(scheduler, { ...plain, scripts: ['answers'] });
      world.signalling.buyers[0]!.forgets = true;
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      expect(record).toMatchObject({ outcome: 'connected', cause: 'leg_lost', hungUpBy: 'switch' });
      expect(record.endedAt - record.connectedAt!).toBeLessThan(180_000);
    }),
    { numRuns: 10 },
  );
});

test.each([0, 1])('one that holds, too, whose media is ours and silent (endpoint %i)', async (held) => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const setup = { ...plain, scripts: ['answers'], anchored: true } satisfies Setup;
      const { world, offer, story } = await connected(scheduler, setup);
      const legs = [offer.leg!, world.signalling.buyers[0]!];
      const talks = legs[1 - held]!;
      world.media.endpoints[held]!.isHeld = true;
      // Whoever is heard is not asked, and need not know OPTIONS.
      talks.forgets = true;
      await play(scheduler, () => legs[held]!.asked > 1);
      expect(story.over).toBe(false);
      legs[held]!.forgets = true;
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      expect(record).toMatchObject({ outcome: 'connected', cause: 'leg_lost', hungUpBy: 'switch' });
      expect(talks.asked).toBe(0);
    }),
    { numRuns: 10 },
  );
});

test('a whisper that cannot be played is told, and the buyer gets the call without', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const setup = { ...plain, scripts: ['answers'], whisper: [true] } satisfies Setup;
      const { world, offer, story } = await connected(
        scheduler,
        setup,
        'up',
        (media) => (media.plays = 'failed'),
      );
      expect(world.warnings()).toContainEqual(
        expect.objectContaining({ event: 'whisper_failed', buyer: 'one', whisper: '/whisper.wav' }),
      );
      offer.callerGoes();
      await play(scheduler, () => story.over);
    }),
    { numRuns: 5 },
  );
});

test.each([
  [2, 'caller_hangup', 'caller'],
  [3, 'leg_lost', 'switch'],
] as const)(
  'of a leg that leaves %i OPTIONS in a row without an answer the call ends by %s',
  async (silences, cause, by) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { world, offer, story } = await connected(scheduler, { ...plain, scripts: ['answers'] });
        const buyer = world.signalling.buyers[0]!;
        buyer.silences = silences;
        await play(scheduler, () => buyer.silences < 0 || story.over);
        offer.callerGoes();
        await play(scheduler, () => story.over);
        const { record } = world.journal.find((event) => event.type === 'ended')!;
        expect(record).toMatchObject({ outcome: 'connected', cause, hungUpBy: by });
        expect(record.endedAt - record.connectedAt!).toBeGreaterThanOrEqual(80_000);
      }),
      { numRuns: 10 },
    );
  },
);

/** Hears what the switch does to the outside that costs money: a 200 to the caller, a bridge. */
function overhear(
  world: ReturnType<typeof stage>,
  offer: FakeOffer,
  heard: (what: '200' | 'bridge') => void,
) {
  const answer = offer.answer.bind(offer);
  offer.answer = (...args) => {
    heard('200');
    return answer(...args);
  };
  const open = world.media.open.bind(world.media);
  world.media.open = async () => {
    const opened = await open();
    if (!opened.ok) return opened;
    const bridge = opened.endpoint.bridge.bind(opened.endpoint);
    opened.endpoint.bridge = (other) => {
      heard('bridge');
      return bridge(other);
    };
    return opened;
  };
}

test('no 200 and no bridge goes out before the journal that says so is on disk', async () => {
  let answers = 0;
  let bridges = 0;
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), setups, disturbances, async (scheduler, setup, happenings) => {
      let durable = 0;
      const world = stage(scheduler, setup, async () => {
        const upTo = world.journal.length;
        await scheduler.schedule(Promise.resolve(), 'journal flushed');
        durable = Math.max(durable, upTo);
      });
      const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
      const wrong: string[] = [];
      overhear(world, offer, (what) => {
        const types = world.journal.map(({ type }) => type);
        if (what === '200') answers++;
        else if (types.includes('connected')) bridges++;
        if (what === '200' && !types.includes('answered')) wrong.push('200 without a line');
        if (Math.max(types.lastIndexOf('answered'), types.lastIndexOf('connected')) >= durable)
          wrong.push(`${what} before its line was on disk`);
      });
      await playDisturbed(scheduler, world, offer, happenings);
      await play(scheduler, () => scheduler.count() === 0);
      // Past its deadline nobody waits for a disk, which is told: the next test.
      if (!world.warnings().some(({ event }) => event === 'journal_late')) expect(wrong).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(answers, 'answers seen').toBeGreaterThan(0);
  expect(bridges, 'bridges seen').toBeGreaterThan(0);
});

test('a disk that hangs strands nobody: the call goes on, and that it went ahead of its journal is told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, anchored) => {
      const never = new Promise<never>(() => undefined);
      const world = stage(scheduler, { ...plain, scripts: ['answers'], anchored }, () => never);
      const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
      const story = follow(takeCall(offer, world.floor));
      await play(scheduler, () => world.floor.registry.all()[0]?.state === 'connected');
      expect(world.warnings().map(({ event }) => event)).toContain('journal_late');
      offer.callerGoes();
      await play(scheduler, () => story.over);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      expect(record).toMatchObject({ outcome: 'connected', cause: 'caller_hangup' });
      // The waits are ours: the buyer's answer stands as the instant from which the call is paid for.
      expect(record.connectedAt).toBe(record.attempts[0]?.answeredAt);
    }),
    { numRuns: 20 },
  );
});

test('the figures of every leg that had media come after the record, each once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), setups, disturbances, async (scheduler, setup, happenings) => {
      const world = stage(scheduler, setup);
      const offer = new FakeOffer(scheduler, world.signalling, { from: caller, to: number });
      await playDisturbed(scheduler, world, offer, happenings);
      const types = world.journal.map(({ type }) => type);
      if (types.includes('media')) expect(types.indexOf('media')).toBeGreaterThan(types.indexOf('ended'));
      const legs = world.journal.filter((event) => event.type === 'media').map(({ leg }) => leg);
      const { record } = world.journal.find((event) => event.type === 'ended')!;
      expect(new Set(legs).size).toBe(legs.length);
      for (const leg of legs) expect(leg).toBeLessThanOrEqual(record.attempts.length);
      expect(legs.includes(0)).toBe(record.media === 'anchored');
      // Whom the caller talked to over our media was counted with the caller.
      const talked = record.attempts.findIndex(({ result }) => result === 'answered');
      if (record.media === 'anchored' && talked >= 0) expect(legs).toContain(talked + 1);
    }),
    { numRuns: 300 },
  );
});

interface Happening {
  readonly what: string;
  readonly turn: number;
}

/**
 * A call from its INVITE to its end, while this happens. The world never ends one for us: a caller who stays is hung up
 * on by the greatest call length.
 */
async function playDisturbed(
  scheduler: Scheduler,
  world: ReturnType<typeof stage>,
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
async function play(
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

function consistent(record: CallRecord, offer: FakeOffer): void {
  expect(record.outcome === 'connected').toBe(record.connectedAt !== null);
  expect(record.buyer !== null).toBe(record.connectedAt !== null);
  expect(record.attempts.filter(({ result }) => result === 'answered').length).toBeLessThanOrEqual(1);
  expect(offer.rejected.length).toBeLessThanOrEqual(1);
  if (record.answeredAt !== null) expect(offer.rejected).toEqual([]);
  ascending(record.startedAt, record.ringingAt, record.answeredAt, record.byeAt, record.endedAt);
  ascending(record.answeredAt, record.acknowledgedAt, record.endedAt);
  for (const { startedAt, ringingAt, answeredAt, acknowledgedAt, byeAt, endedAt } of record.attempts) {
    ascending(record.startedAt, startedAt, ringingAt, answeredAt, acknowledgedAt, byeAt, endedAt);
  }
}

/** Each, of those that happened, no earlier than the one before. */
function ascending(...times: readonly (number | null | undefined)[]): void {
  const happened = times.filter((time) => time != null);
  expect(happened).toEqual([...happened].sort((a, b) => a - b));
}

function disturb(what: string, world: ReturnType<typeof stage>, offer: FakeOffer): void {
  if (what === 'caller goes') offer.callerGoes();
  if (what === 'buyer goes') world.signalling.buyers.at(-1)?.farEndHangsUp();
  if (what === 'rtp stops') world.media.endpoints.at(-1)?.timesOut();
  if (what === 'time passes') vi.advanceTimersByTime(7_000);
}

function stage(
  scheduler: Scheduler,
  setup: Setup,
  flushed: () => Promise<void> = () => scheduler.schedule(Promise.resolve(), 'journal flushed'),
) {
  const signalling = new FakeSignalling(scheduler, setup.scripts);
  const media = new FakeMedia(scheduler);
  const journal: JournalEvent[] = [];
  const defects: unknown[] = [];
  const warnings: { readonly event: string }[] = [];
  const routing = compile(network(setup));
  const usages = new UsageBook(() => 'America/New_York');
  const leases = new Leases(usages);
  const tally = new Tally(usages);
  const performance = new Performance(0);
  const floor: Floor = {
    signalling,
    media,
    journal: {
      append: (event) => void journal.push(event),
      flushed,
    },
    events: createEvents((level, event, fields) => {
      if (level === 'error') defects.push({ event, ...fields });
      if (level === 'warn') warnings.push({ event, ...fields });
    }, new Metrics()),
    carriers: new Carriers([
      { id: 'voxlink', from: ['127.0.0.0/8'], concurrency: null, cps: null, refuseWith: 503 },
    ]),
    registry: new Registry(),
    usages,
    leases,
    tally,
    performance,
    settlements: new Settlements(leases, tally, performance),
    bidding: { ask: () => Promise.resolve(new Map()) },
    trunks: new Trunks(signalling, { trunkChanged: () => undefined, trunkBreaker: () => undefined }),
    overload: new Overload(),
    books: new Books(),
    limits: { maxCalls: 10, cps: null, stall: null, maxCall: 3_600_000, drain: 1_000, rtpTimeout: 30_000 },
    recordings: '/nowhere',
    table: () => ({ hash: 'test', routing }),
    now: () => Date.now(),
    monotonic: () => Date.now(),
    dice: () => 0.5,
    closedFor: () => null,
    held: () => null,
  };
  return { signalling, media, journal, floor, defects: () => defects, warnings: () => warnings };
}

function network(setup: Setup): Network {
  const buyers = ['one', 'two', 'three'].map((id, index): Buyer => ({
    id,
    name: id,
    timezone: 'America/New_York',
    trunk: 'pbx',
    dial: caller,
    paused: false,
    hours: 'always',
    concurrency: 1,
    caps: [],
    spacing: 0,
    accepts: [],
    worth: [],
    bid: null,
    ...(setup.whisper[index] === true && { whisper: '/whisper.wav' }),
  }));
  const ivr: Ivr = {
    id: 'menu',
    start: 'ask',
    steps: new Map([
      [
        'ask',
        {
          kind: 'menu',
          play: '/ask.wav',
          timeout: 1_000,
          tries: 2,
          choices: new Map([['1', { set: { homeowner: 'yes' }, go: 'route' }]]),
          otherwise: { set: {}, go: 'hangup' },
        },
      ],
    ]),
  };
  const campaign: Campaign = {
    id: 'solar',
    name: 'Solar',
    advertiser: null,
    ivr: setup.ivr ? ivr : null,
    media: setup.anchored ? 'anchored' : 'auto',
    record: setup.record ? 'answered' : 'off',
    block: { anonymous: false, callers: new Set() },
    repeatCaller: null,
    concurrency: null,
    caps: [],
    routing: {
      strategy: 'priority',
      performance: { over: 0, minCalls: 0, explore: 0 },
      sticky: null,
      failover: { stop: [] },
      ring: 20_000,
      attempts: 3,
      giveUp: 50_000,
      onEarlyHangup: { within: 5_000, retry: setup.retry },
      ringback: 'us',
      noBuyer: setup.prompt ? { play: '/sorry.wav' } : null,
      routes: buyers.map(({ id }, index) => {
        const isGrouped = setup.group && index < 2;
        const group = isGrouped ? 'both' : null;
        return { buyer: id, priority: isGrouped ? 0 : index, weight: 1, concurrency: null, caps: [], group };
      }),
    },
  };
  return {
    country: 'US',
    timezone: 'America/New_York',
    trunks: new Map([
      [
        'pbx',
        {
          ...{ id: 'pbx', uri: 'sip:127.0.0.1:5091', transport: 'udp', concurrency: null, cps: null },
          ...{ silentAfter: 2_000, breaker: null },
        },
      ],
    ]),
    buyers: new Map(buyers.map((buyer) => [buyer.id, buyer])),
    campaigns: new Map([['solar', campaign]]),
    publishers: new Map([['clickwise', { id: 'clickwise', name: 'Clickwise', concurrency: null, caps: [] }]]),
    numbers: new Map([[number, { number, campaign: 'solar', publisher: 'clickwise', source: null }]]),
  };
}
