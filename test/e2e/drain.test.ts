import { expect, onTestFinished, test } from 'vitest';
import { FarCall, FarEnd } from '../engine/support/sip-far-end.ts';
import { Stage, talk } from '../support/stage.ts';

const setup = {
  buyers: { sunrise: {} },
  campaigns: { open: { media: 'anchored', routing: { routes: [{ buyer: 'sunrise' }] } } },
};

test('drain on SIGTERM: new calls get 503, the live one ends as its parties wish, exit 0', async () => {
  const stage = new Stage();
  await stage.open({ ...setup, limits: { drain: '20s' } });
  onTestFinished(() => stage.switch.discard());
  stage.begin();
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await buyer.hears('INVITE');
  await caller.hears(200);
  await talk(caller, buyer, 300);
  const exit = stage.switch.stop();
  await expect.poll(async () => (await fetch(`${stage.switch.http}/readyz`)).status).toBe(503);
  const late = await stage.caller('caller-is-refused');
  await late.sip.done();
  expect(late.sip.heard(503)[0]?.headers.get('retry-after')).toMatch(/^\d+/);
  const carrier = await FarEnd.udp(stage.switch.sip.port);
  onTestFinished(() => carrier.close());
  new FarCall(carrier, `sip:127.0.0.1:${stage.switch.sip.port}`).request('OPTIONS');
  expect((await carrier.response(503, 'OPTIONS')).headers.has('retry-after'), 'carriers look elsewhere').toBe(
    true,
  );
  await talk(caller, buyer);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(await exit).toBe(0);
});

test('drain on SIGTERM: a call that outlives the drain is hung up on both sides, exit 0', async () => {
  const stage = new Stage();
  await stage.open({ ...setup, limits: { drain: '1s' } });
  onTestFinished(() => stage.switch.discard());
  stage.begin();
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-listens');
  await buyer.hears('INVITE');
  await caller.hears(200);
  await talk(caller, buyer, 300);
  const exit = stage.switch.stop();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(await exit).toBe(0);
  expect(await stage.record(caller), 'read after the switch has ended').toMatchObject({ cause: 'drained' });
});
