/** Two switches that share one database, and what tests do with the numbers that both route. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { addPublisher } from '../../src/publishers/add-publisher.ts';
import { apply } from '../../src/publishers/apply.ts';
import { approve } from '../../src/publishers/approve.ts';
import { databaseClock } from '../../src/publishers/clock.ts';
import type { Publishing, Refused } from '../../src/publishers/publishing.ts';
import type { Records } from '../../src/records/open-records.ts';
import { startTestDatabase, type TestDatabase } from '../records/support/test-database.ts';
import { Stage, talk } from './stage.ts';
import type { CallSeen } from './switch.ts';

/** Who answers for what tests do. */
export const network = { name: 'the network', publisher: null };

/** Both run while the tests of the file do; there is a publisher, airwaves, and a campaign, solar, that sunrise buys. */
export function useTwoSwitches(): TwoSwitches {
  const two = new TwoSwitches();
  beforeAll(() => two.open());
  beforeEach(() => two.stages.forEach((stage) => stage.begin()));
  afterEach(async ({ task }) => {
    for (const stage of two.stages) await stage.check(task.result?.state === 'fail');
  });
  afterAll(() => two.close());
  return two;
}

class TwoSwitches {
  readonly stages = [new Stage(), new Stage()] as const;
  #database: TestDatabase | undefined;
  #records: Records | undefined;
  #publishing: Publishing | undefined;
  #callers = 0;

  get records(): Records {
    return known(this.#records);
  }

  get publishing(): Publishing {
    return known(this.#publishing);
  }

  async open(): Promise<void> {
    this.#database = await startTestDatabase();
    const own = await this.#database.fresh();
    this.#records = own;
    const setup = {
      buyers: { sunrise: {} },
      campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }] } } },
      database: own.url,
      // Two switches on one drachtio server would be given every other call.
      engine: 'embedded' as const,
      // It tells of which number they have heard.
      log: { numbers: 'full', level: 'debug' },
    };
    await Promise.all(this.stages.map((stage) => stage.open(setup)));
    const loaded = await loadConfig(this.stages[0].switch.config, {});
    if (!loaded.ok) throw new Error('the config of the test is wrong');
    this.#publishing = {
      ...{ db: own.db, given: () => loaded.config, now: () => new Date(), clock: databaseClock },
    };
    done(await addPublisher(this.#publishing, { id: 'airwaves', name: 'Airwaves' }));
  }

  async close(): Promise<void> {
    for (const stage of this.stages) await stage.close();
    await this.#database?.stop();
  }

  /** An application of the publisher, approved, of which both switches have heard; and after how many milliseconds each. */
  readonly approved = async (source: string) => {
    const { application } = done(
      await apply(this.publishing, { publisher: 'airwaves', campaign: 'solar', source }),
    );
    const from = this.stages.map((stage) => stage.switch.log.length);
    const handed = done(await approve(this.publishing, { application: application.id, by: network }));
    const at = Date.now();
    const lines = await Promise.all(
      this.stages.map((stage, n) => this.heard(stage, handed.number, from[n] ?? 0)),
    );
    const told = lines.map(({ time }) => Date.parse(String(time)) - at);
    return { application: application.id, number: handed.number, told };
  };

  /** Does it, and waits until both switches have heard of this number. */
  readonly toldOf = async (number: string, change: () => Promise<unknown>): Promise<void> => {
    const from = this.stages.map((stage) => stage.switch.log.length);
    await change();
    await Promise.all(this.stages.map((stage, n) => this.heard(stage, number, from[n] ?? 0)));
  };

  readonly heard = (stage: Stage, number: string, from: number) =>
    this.changed(stage, from, ({ numbers }) => Array.isArray(numbers) && numbers.includes(number));

  /** The first change of holdings behind line `from` of the log that is as wanted. */
  readonly changed = async (
    stage: Stage,
    from: number,
    wanted: (said: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> => {
    for (let seen = from; ;) {
      const said = await stage.switch.logged('holdings_changed', seen);
      if (wanted(said)) return said;
      seen = stage.switch.log.findIndex((line, n) => n >= seen && line.includes('"holdings_changed"')) + 1;
    }
  };

  readonly hold = async (
    number: string,
    held: {
      readonly campaign: string;
      readonly from: Date;
      readonly until?: Date;
      readonly publisher?: string;
    },
  ): Promise<void> => {
    const { campaign, from, until = null, publisher = 'airwaves' } = held;
    const application = `a-${number}-${from.getTime()}`;
    await this.records.db
      .insertInto('applications')
      .values({
        ...{ id: application, publisher, campaign, source: application, state: 'ended' },
        ...{ decided_at: null, decided_by: null, why: null },
      })
      .execute();
    await this.records.db
      .insertInto('holdings')
      .values({
        ...{ number, campaign, publisher, application, pool: 'us-toll-free', source: null },
        ...{ held_from: from, held_until: until },
      })
      .execute();
  };

  /** A call from its INVITE to its record. */
  readonly talkTo = async (stage: Stage, number: string): Promise<CallSeen> => {
    const from = `+1214624${String(this.#callers++).padStart(4, '0')}`;
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { number, from: `sip:${from}@127.0.0.1` });
    await Promise.all([caller.hears(200), buyer.hears('INVITE')]);
    await talk(caller, buyer);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    return stage.switch.record(from);
  };
}

function known<T>(what: T | undefined): T {
  if (what === undefined) throw new Error('it is there only while tests run');
  return what;
}

export function done<T extends { readonly ok: boolean }>(answer: T): Exclude<T, Refused<string>> {
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return answer as Exclude<T, Refused<string>>;
}
