import fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Overload } from '../../../src/calls/overload.ts';
import type { Kind } from '../../../src/calls/scope.ts';
import { Trunks, type Tried } from '../../../src/calls/trunks/trunks.ts';
import { settleable } from '../../../src/deadline.ts';
import type { Opened } from '../../../src/media/media.ts';
import type { CallRecord } from '../../../src/records/events.ts';
import type { BuyerScript, FakeOffer } from '../../support/fake-ports.ts';
import { stage, type CallStage } from './support/call-stage.ts';
import {
  connected,
  disturbances,
  offerTo,
  place,
  play,
  playDisturbed,
  setups,
} from './support/played-call.ts';
import { caller, plain, type Setup } from './support/small-network.ts';

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
      const offer = offerTo(scheduler, world, offersLate);
      await playDisturbed(scheduler, world, offer, happenings);
      await play(scheduler, () => scheduler.count() === 0);

      const records = world.records();
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
      const scripts: BuyerScript[] = ['answers when cancelled', 'answers', 'answers'];
      const { world, hangUp } = await connected(scheduler, { ...plain, scripts });
      await play(scheduler, () => scheduler.count() === 0);
      // The caller's leg and the second buyer's; the first buyer's 200 got its BYE.
      expect(world.signalling.liveLegs).toBe(2);
      const record = await hangUp();
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
      const { world, hangUp } = await connected(scheduler, { ...plain, scripts, anchored }, 'down');
      await play(scheduler, () => scheduler.count() === 0);
      expect(world.signalling.liveLegs).toBe(2);
      const record = await hangUp();
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

test.each([true, false])(
  'its silence is told of its trunk together with whether we may be deaf: %s',
  async (deaf) => {
    const ended = vi.fn<Tried['ended']>();
    const spies = [
      vi.spyOn(Overload.prototype, 'isOn', 'get').mockReturnValue(deaf),
      vi.spyOn(Trunks.prototype, 'started').mockReturnValue({ rang: () => undefined, ended }),
    ];
    onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        ended.mockClear();
        const scripts: BuyerScript[] = ['answers when cancelled', 'answers', 'busy'];
        const { hangUp } = await connected(scheduler, { ...plain, scripts }, 'down');
        await hangUp();
        expect(ended.mock.calls[0]?.[0]).toEqual({ kind: 'silent', deaf });
      }),
      { numRuns: 5 },
    );
  },
);

test('the trunk is told that it rings, before it is told what came of that', async () => {
  const told: string[] = [];
  const tried: Tried = { rang: () => told.push('rang'), ended: ({ kind }) => told.push(kind) };
  const spy = vi.spyOn(Trunks.prototype, 'started').mockReturnValue(tried);
  onTestFinished(() => spy.mockRestore());
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      told.length = 0;
      const scripts: BuyerScript[] = ['rings for ever', 'answers', 'busy'];
      const { hangUp } = await connected(scheduler, { ...plain, scripts });
      await hangUp();
      expect(told.slice(0, 2)).toEqual(['rang', 'worked']);
    }),
    { numRuns: 5 },
  );
});

test('a far end that answers OPTIONS while it looks for a phone may ring as long as any other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const scripts: BuyerScript[] = ['answers when cancelled', 'answers'];
      const { hangUp } = await connected(scheduler, { ...plain, scripts }, 'up');
      const record = await hangUp();
      const [slow] = record.attempts;
      expect(slow).toMatchObject({ buyer: 'one', result: 'no_answer' });
      expect(slow!.endedAt - slow!.startedAt).toBe(20_000);
    }),
    { numRuns: 10 },
  );
});

test('a buyer who hangs up early loses the call to the next one, who alone is its buyer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, anchored) => {
      const scripts: BuyerScript[] = ['answers', 'answers', 'busy'];
      const setup = { ...plain, scripts, anchored, retry: true };
      const { world, hangUp, isConnected } = await connected(scheduler, setup);
      world.signalling.buyers[0]!.farEndHangsUp();
      await play(scheduler, () => !isConnected());
      await play(scheduler, isConnected);
      const record = await hangUp();
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
      const { world, hangUp } = await connected(scheduler, {
        ...plain,
        scripts,
        anchored,
        group: true,
      });
      await play(scheduler, () => scheduler.count() === 0);
      expect(world.signalling.liveLegs).toBe(2);
      const record = await hangUp();
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
        const { world, hangUp } = await connected(scheduler, {
          ...plain,
          scripts,
          whisper,
          group: true,
        });
        await play(scheduler, () => scheduler.count() === 0);
        const watched = world.media.endpoints.filter((end) => end.isWatched);
        expect(watched.map((end) => end.wasBridged)).toEqual([true, true]);
        const record = await hangUp();
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
        const { offer, story, end } = place(scheduler, world);
        const [call] = world.floor.registry.all();
        await play(scheduler, () => call!.state === 'connected' || story.over);
        expect(call!.connectedTo?.buyer.id).toBe('one');
        if (when === 'late') opening.settle({ ok: false, reason: 'unavailable' });
        await play(scheduler, () => scheduler.count() === 0);
        expect(call!.isOver(), 'over').toBe(false);
        offer.callerGoes();
        opening.settle({ ok: false, reason: 'unavailable' });
        const record = await end();
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
      const offer = offerTo(scheduler, world);
      offer.answer = () => Promise.resolve({ ok: false, reason: 'failed' });
      const record = await place(scheduler, world, offer).end();
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
        const { offer, story } = place(scheduler, world);
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
      const { world, end } = await connected(scheduler, { ...plain, scripts: ['answers'] });
      world.signalling.buyers[0]!.forgets = true;
      const record = await end();
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
      const { world, offer, story, end } = await connected(scheduler, setup);
      const legs = [offer.leg!, world.signalling.buyers[0]!];
      const talks = legs[1 - held]!;
      world.media.endpoints[held]!.isHeld = true;
      // Whoever is heard is not asked, and need not know OPTIONS.
      talks.forgets = true;
      await play(scheduler, () => legs[held]!.asked > 1);
      expect(story.over).toBe(false);
      legs[held]!.forgets = true;
      const record = await end();
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
      const { world, hangUp } = await connected(scheduler, setup, 'up', (media) => (media.plays = 'failed'));
      expect(world.warnings()).toContainEqual(
        expect.objectContaining({ event: 'whisper_failed', buyer: 'one', whisper: '/whisper.wav' }),
      );
      await hangUp();
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
        const { world, story, hangUp } = await connected(scheduler, { ...plain, scripts: ['answers'] });
        const buyer = world.signalling.buyers[0]!;
        buyer.silences = silences;
        await play(scheduler, () => buyer.silences < 0 || story.over);
        const record = await hangUp();
        expect(record).toMatchObject({ outcome: 'connected', cause, hungUpBy: by });
        expect(record.endedAt - record.connectedAt!).toBeGreaterThanOrEqual(80_000);
      }),
      { numRuns: 10 },
    );
  },
);

/** Hears what the switch does to the outside that costs money: a 200 to the caller, a bridge. */
function overhear(world: CallStage, offer: FakeOffer, heard: (what: '200' | 'bridge') => void) {
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
      const offer = offerTo(scheduler, world);
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
      const { hangUp } = place(scheduler, world);
      await play(scheduler, () => world.floor.registry.all()[0]?.state === 'connected');
      expect(world.warnings().map(({ event }) => event)).toContain('journal_late');
      const record = await hangUp();
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
      const offer = offerTo(scheduler, world);
      await playDisturbed(scheduler, world, offer, happenings);
      const types = world.journal.map(({ type }) => type);
      if (types.includes('media')) expect(types.indexOf('media')).toBeGreaterThan(types.indexOf('ended'));
      const legs = world.journal.filter((event) => event.type === 'media').map(({ leg }) => leg);
      const record = world.record();
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
