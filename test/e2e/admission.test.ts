import { describe, expect, test } from 'vitest';
import { useSwitch, type FarEnd } from '../support/stage.ts';

const blocked = '+12125550000';
const routes = [{ buyer: 'sunrise' }];
const anonymous = 'sip:anonymous@anonymous.invalid';

describe('who may call', () => {
  const stage = useSwitch({
    buyers: { sunrise: {} },
    campaigns: {
      open: { routing: { routes } },
      strict: { block: { anonymous: true, callers: [blocked] }, routing: { routes } },
    },
  });

  test('unknown number: 404', async () => {
    const caller = await stage.caller('caller-is-refused', { number: '+18005559999' });
    await caller.sip.done();
    expect(finalStatus(caller)).toBe(404);
  });

  test('blocked caller: 603', async () => {
    const caller = await stage.caller('caller-is-refused', {
      campaign: 'strict',
      from: `sip:${blocked}@127.0.0.1`,
    });
    await caller.sip.done();
    expect(finalStatus(caller)).toBe(603);
    expect(await stage.switch.record(blocked)).toMatchObject({
      outcome: 'rejected',
      cause: 'blocked_caller',
      attempts: [],
      payout: '0.00',
    });
  });

  test('anonymous caller where the campaign blocks them: 603', async () => {
    const caller = await stage.caller('caller-is-refused', { campaign: 'strict', from: anonymous });
    await caller.sip.done();
    expect(finalStatus(caller)).toBe(603);
    expect((await stage.switch.calls())[0]).toMatchObject({
      from: null,
      outcome: 'rejected',
      cause: 'blocked_caller',
    });
  });

  test('anonymous caller where the campaign does not: connected, and anonymous to the buyer', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { campaign: 'open', from: anonymous });
    const invite = await buyer.hears('INVITE');
    expect(invite.headers.get('from')?.toLowerCase()).toContain('anonymous');
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    await expect
      .poll(
        async () =>
          (await stage.switch.calls()).find((call) => call.from === null && call.campaign === 'open'),
        {
          timeout: 10_000,
        },
      )
      .toMatchObject({ outcome: 'connected', attributes: { 'caller.anonymous': true } });
  });
});

describe('unknown carrier', () => {
  const stage = useSwitch({
    carriers: { elsewhere: { from: ['192.0.2.0/24'] } },
    buyers: { sunrise: {} },
    campaigns: { open: { routing: { routes } } },
  });

  test('unknown carrier: 403, and no record', async () => {
    const caller = await stage.caller('caller-is-refused');
    await caller.sip.done();
    expect(finalStatus(caller)).toBe(403);
    expect(await stage.switch.calls()).toEqual([]);
  });
});

describe('limits', () => {
  const stage = useSwitch({
    carriers: { voxlink: { from: ['127.0.0.0/8'], concurrency: 1, cps: 50 } },
    buyers: { sunrise: {} },
    campaigns: { open: { routing: { routes } } },
  });

  test('over the carrier’s concurrency: 503 with Retry-After, the live call goes on', async () => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const first = await stage.caller('caller-talks');
    await first.hears(200);
    const second = await stage.caller('caller-is-refused');
    await second.sip.done();
    const refusal = second.sip.heard(503)[0];
    expect(refusal?.headers.get('retry-after')).toMatch(/^\d+/);
    await first.sip.cue();
    await Promise.all([first.sip.done(), buyer.sip.done()]);
    expect(await stage.record(first)).toMatchObject({ outcome: 'connected' });
  });
});

function finalStatus(caller: FarEnd): number | undefined {
  return caller.sip.messages.findLast((one) => one.direction === 'received')?.status;
}
