import { describe, expect, test } from 'vitest';
import { drachtio } from '../support/engines.ts';
import { useSwitch, type FarEnd, type Stage } from '../support/stage.ts';

const inTurn = (...buyers: string[]) => buyers.map((buyer, place) => ({ buyer, priority: place + 1 }));

/** A drachtio server keeps a 100 to itself: there the OPTIONS half-way is answered, a call of its own to sipp. */
const callsOfATry = drachtio === null ? 1 : 2;

describe('a trunk that says nothing', () => {
  const stage = useSwitch({
    buyers: { silent: {}, slow: {}, prompt: {} },
    campaigns: {
      silent: { routing: { routes: inTurn('silent', 'prompt') } },
      slow: { routing: { routes: inTurn('slow', 'prompt') } },
    },
  });

  test('is given up after 2 s for the next buyer; its late answer gets ACK and BYE', async () => {
    // One call of it is the INVITE, the other the OPTIONS half-way.
    const silent = await stage.buyer('silent', 'buyer-answers-late', { pause: 6_000, calls: 2 });
    const prompt = await stage.buyer('prompt', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { campaign: 'silent' });
    const invite = await prompt.hears('INVITE');
    expect(invite.headers.get('max-forwards')).toBe('69');
    await caller.hears(200);
    // The call goes on as the late answer comes and is dealt with.
    await silent.sip.done();
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), prompt.sip.done()]);
    const record = await stage.record(caller);
    expect(record).toMatchObject({ outcome: 'connected', buyer: 'prompt' });
    expect(record.attempts).toMatchObject([
      { buyer: 'silent', result: 'no_response', status: 408, reason: 'no response within 2 s' },
      { buyer: 'prompt', result: 'answered' },
    ]);
    const said = silent.sip.messages.filter(({ direction }) => direction === 'received');
    expect(said.map(({ method }) => method)).not.toContain('CANCEL');
  });

  test('but a 100 is not given up', async () => {
    const slow = await stage.buyer('slow', 'buyer-tries-then-answers', { pause: 3_500, calls: callsOfATry });
    const caller = await stage.caller('caller-talks', { campaign: 'slow' });
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), slow.sip.done()]);
    const record = await stage.record(caller);
    expect(record).toMatchObject({ outcome: 'connected', buyer: 'slow' });
    expect(record.attempts).toMatchObject([{ buyer: 'slow', result: 'answered' }]);
  });
});

describe('a trunk that fails', () => {
  const stage = useSwitch({
    buyers: { failing: {}, prompt: {} },
    campaigns: { solar: { routing: { ring: '20s', routes: inTurn('failing', 'prompt') } } },
    trunks: { failing: { breaker: { failures: 2, rest: '10s' } } },
  });

  test(
    'rests after failures in a row, is tried by one call, and is as before once that is answered',
    { timeout: 120_000 },
    async () => {
      const refusing = await stage.buyer('failing', 'buyer-refuses', {
        keys: { status: '503', reason: 'Service Unavailable' },
        calls: 2,
      });
      const from = stage.switch.log.length;
      const failed = [await promptTakes(stage), await promptTakes(stage)];
      await refusing.sip.done();
      const opened = await stage.switch.logged('trunk_breaker_opened', from);
      expect(opened).toMatchObject({
        trunk: 'failing-pbx',
        why: '2 calls in a row got 503 Service Unavailable',
      });
      const elsewhere = await promptTakes(stage);
      for (const caller of failed) {
        expect(await attempts(stage, caller)).toEqual(['failing refused', 'prompt answered']);
      }
      expect(await attempts(stage, elsewhere)).toEqual(['prompt answered']);
      const until = Date.parse(String(opened.until));
      await expect.poll(() => Date.now(), { timeout: 15_000 }).toBeGreaterThan(until);

      // Who tries it hears nothing yet: whoever comes meanwhile goes elsewhere.
      const tried = await stage.buyer('failing', 'buyer-tries-then-answers', {
        pause: 8_000,
        calls: callsOfATry,
      });
      const trial = await stage.caller('caller-talks');
      await tried.hears('INVITE');
      const meanwhile = await promptTakes(stage);
      await trial.hears(200, 15_000);
      await trial.sip.cue();
      await Promise.all([trial.sip.done(), tried.sip.done()]);
      await stage.switch.logged('trunk_breaker_closed', from);
      expect(await attempts(stage, meanwhile)).toEqual(['prompt answered']);
      expect(await attempts(stage, trial)).toEqual(['failing answered']);
    },
  );
});

/** One call, from its beginning to its end. */
async function promptTakes(stage: Stage): Promise<FarEnd> {
  const prompt = await stage.buyer('prompt', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), prompt.sip.done()]);
  return caller;
}

async function attempts(stage: Stage, caller: FarEnd): Promise<string[]> {
  const record = await stage.record(caller);
  return record.attempts.map(({ buyer, result }) => `${buyer} ${result}`);
}

describe('over a limit', () => {
  const stage = useSwitch({
    carriers: { voxlink: { from: ['127.0.0.0/8'], concurrency: 1, refuse_with: 480 } },
    buyers: { sunrise: {} },
    campaigns: { solar: { routing: { routes: inTurn('sunrise') } } },
  });

  test('a carrier gets the answer that it takes best, with Retry-After where it may have one', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const first = await stage.caller('caller-talks');
    await first.hears(200);
    const second = await stage.caller('caller-is-refused');
    await second.sip.done();
    expect(second.sip.heard(480)[0]?.headers.get('retry-after')).toBe('5');
    await first.sip.cue();
    await Promise.all([first.sip.done(), buyer.sip.done()]);
    expect(await stage.record(first)).toMatchObject({ outcome: 'connected' });
  });
});

describe('more calls than in a second may come', () => {
  const stage = useSwitch({
    limits: { cps: 2 },
    buyers: { sunrise: {} },
    campaigns: { solar: { block: { anonymous: true }, routing: { routes: inTurn('sunrise') } } },
  });

  test('are refused, and said to be in the metrics; the others are told of their own fate', async () => {
    const callers = await stage.caller('caller-is-refused', {
      ...{ calls: 40, callsPerSecond: 40, from: 'sip:anonymous@anonymous.invalid' },
    });
    await callers.sip.done();
    const metrics = await stage.switch.metrics();
    const refused = metrics.get('tollbridge_calls_refused_total') ?? 0;
    expect(refused).toBeGreaterThan(0);
    expect(callers.sip.heard(603).length).toBe(40 - refused);
    expect(callers.sip.heard(503).length).toBe(refused);
  });
});
