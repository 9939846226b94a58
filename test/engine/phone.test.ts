import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMediaServer, type MediaServer } from '../../src/embedded/media/server.ts';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { connectMedia } from '../../src/media/freeswitch/connect.ts';
import type { PhoneCall } from '../../src/phone/call.ts';
import { followScript } from '../../src/phone/person.ts';
import { phoneOn, type Phone } from '../../src/phone/phone.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';

/** Two telephones on engines of their own, in this thread. */
let ann: Line;
let bob: Line;

beforeAll(async () => {
  [ann, bob] = await Promise.all([line(), line()]);
});

afterAll(async () => {
  await Promise.all([ann, bob].map((one) => one.phone.close()));
});

describe('a phone', () => {
  it('hears the tone that the other sends, and says who hung up', async () => {
    const { here, there } = await through();
    const [told] = await Promise.all([
      there.say('tone_stream://%(1500,0,700)'),
      here.say('tone_stream://%(1500,0,1200)'),
    ]);
    expect(told).toBe('played');
    await here.hangUp();
    expect(await here.ended).toEqual({ by: 'us', cause: 'hung_up', status: 200, reason: '' });
    expect(await there.ended).toEqual({ by: 'far_end', cause: 'hung_up', status: 200, reason: '' });

    const [heardHere, heardThere] = await Promise.all([here.hear(), there.hear()]);
    expect(Math.abs(heardHere.loudestTone! - 700)).toBeLessThan(10);
    expect(Math.abs(heardThere.loudestTone! - 1200)).toBeLessThan(10);
    expect(heardHere.tone).toBeGreaterThan(1.2);
    expect(heardHere.speech).toBe(0);
  });

  it('presses keys that arrive as they were pressed', async () => {
    const { here, there } = await through();
    await here.press('175001#');
    await expect.poll(() => there.digits, { timeout: 5_000, interval: 20 }).toBe('175001#');
    await here.hangUp();
  });

  it('waits for the prompt to go quiet before it presses, like a person', async () => {
    const { here, there } = await through();
    void there.say('tone_stream://%(1200,0,600)');
    const script = { press: ['1'], patience: 6_000, say: null, hold: 300 };
    const { passages, end } = await followScript(here, script, new AbortController().signal);
    expect(there.digits).toBe('1');
    expect(passages[0]?.after).toBe('answer');
    expect(passages[0]?.heard.tone).toBeGreaterThan(1);
    expect(end.by).toBe('us');
  });

  it('tells a refusal, a number nobody answers that is given up, and a far end that hangs up', async () => {
    bob.phone.onIncoming((call) => call.refuse(486, 'Busy Here'));
    const refused = await place().ended;
    expect(refused).toEqual({ by: 'far_end', cause: 'refused', status: 486, reason: 'Busy Here' });

    const rang = new Promise<AbortSignal>((resolve) =>
      bob.phone.onIncoming((call) => {
        call.ring();
        resolve(call.cancelled);
      }),
    );
    const unanswered = place();
    const cancelled = await rang;
    await unanswered.hangUp();
    expect(await unanswered.ended).toMatchObject({ by: 'us', cause: 'cancelled', status: 487 });
    await expect.poll(() => cancelled.aborted, { timeout: 5_000, interval: 20 }).toBe(true);

    const { here, there } = await through();
    await there.hangUp();
    expect(await here.ended).toMatchObject({ by: 'far_end', cause: 'hung_up' });
  });

  it('leaves nothing behind', async () => {
    const { here } = await through();
    await here.hangUp();
    for (const { media, sip } of [ann, bob]) {
      await expect
        .poll(() => media.stats(), { timeout: 10_000, interval: 50 })
        .toMatchObject({ channels: 0, rtpSockets: 0, recordings: 0, defects: 0 });
      await expect.poll(() => sip.stats()).toMatchObject({ dialogs: 0, asked: 0, sent: 0, defects: 0 });
    }
  });
});

function place(): PhoneCall {
  return ann.phone.call(`sip:+18005550100@${bob.phone.address}`, { from: '+12145550101' });
}

/** Ann calls, Bob answers. */
async function through(): Promise<{ here: PhoneCall; there: PhoneCall }> {
  const answered = new Promise<PhoneCall>((resolve, reject) =>
    bob.phone.onIncoming((call) => {
      expect(call.from).toBe('+12145550101');
      expect(call.to).toBe('+18005550100');
      void call.answer().then((one) => (one === null ? reject(new Error('not answered')) : resolve(one)));
    }),
  );
  const here = place();
  expect(await here.answered).toMatchObject({ ok: true });
  return { here, there: await answered };
}

interface Line {
  readonly phone: Phone;
  readonly sip: SipServer;
  readonly media: MediaServer;
}

async function line(): Promise<Line> {
  const loopback = { host: '127.0.0.1', port: 0 };
  const secret = 'test';
  const log = () => undefined;
  const sip = await startSipServer({ listen: ['udp:127.0.0.1:0'], control: loopback, secret });
  const media = await startMediaServer({
    sip: loopback,
    eventSocket: loopback,
    secret,
    trust: sip.listening,
    rtp: { host: '127.0.0.1' },
  });
  const linked = await connectSignalling({ ...sip.control, secret, log });
  if (!linked.ok) throw new Error(linked.problem);
  const servers = [{ ...media.eventSocket, secret }];
  const reached = await connectMedia({ srf: linked.srf, servers, owner: 'phone', log });
  if (!reached.ok) throw new Error(reached.problem);
  const recordings = await mkdtemp(join(tmpdir(), 'tollbridge-phone-test-'));
  let calls = 0;
  const phone = await phoneOn({
    signalling: linked.signalling,
    media: reached.media,
    address: `127.0.0.1:${sip.listening[0]!.port}`,
    recording: () => join(recordings, `${++calls}.wav`),
    close: async () => {
      await reached.media.close();
      await linked.signalling.close();
      await media.close();
      await sip.close();
      await rm(recordings, { recursive: true, force: true });
    },
  });
  return { phone, sip, media };
}
