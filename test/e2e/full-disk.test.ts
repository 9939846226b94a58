import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskFor, limitedDisk } from '../../scripts/drill/full-disk.ts';
import { prove } from '../../scripts/drill/proof.ts';
import { setUp } from '../../scripts/drill/set-up.ts';
import { RtpPeer } from '../support/rtp-peer.ts';
import { Sipp } from '../support/sipp.ts';
import { trackingNumber } from '../support/switch-config.ts';

/** Root has a file system that is full, all have a limit on the length of files. */
test.each([
  { disk: 'a full disk', fullDisk: diskFor },
  { disk: 'a limit on the length of files', fullDisk: () => Promise.resolve(limitedDisk) },
])(
  '$disk: new calls get 503 with Retry-After and it is told, live calls go on, and nothing is lost',
  { timeout: 120_000 },
  async ({ fullDisk }) => {
    const directory = await mkdtemp(join(tmpdir(), 'tollbridge-full-disk-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const { sut, trunks } = await setUp(directory);
    const disk = await fullDisk(join(sut.data, 'journal'));
    onTestFinished(() => disk.close());
    onTestFinished(() => sut.stop().then(() => undefined));
    await sut.start();

    const start = async (...[options]: Parameters<typeof Sipp.start>) => {
      const rtp = await RtpPeer.open();
      onTestFinished(() => rtp.close());
      const sipp = await Sipp.start({ ...options, keys: { sdp: rtp.sdp().trimEnd(), ...options.keys } });
      onTestFinished(() => sipp.close());
      return sipp;
    };
    const call = (scenario: string) =>
      start({
        scenario,
        to: { host: '127.0.0.1', port: sut.sipPort, number: trackingNumber(1) },
        keys: { from: 'sip:+12146230001@127.0.0.1' },
      });
    for (const port of trunks.values()) await start({ scenario: 'buyer-answers', port });
    const talking = await call('caller-talks');
    const ok = await talking.message(({ status }) => status === 200, '200', 8000);
    await expect.poll(async () => (await sut.live()).map(({ state }) => state)).toEqual(['connected']);

    await disk.fill(sut.pid);
    // What is left of the last block takes a line or two: only a write that finds no room tells that the disk is full.
    await expect
      .poll(
        async () => {
          await call('caller-cancels-at-once');
          return sut.isReady();
        },
        { timeout: 15_000, interval: 200 },
      )
      .toBe(false);
    expect((await sut.metrics()).get('tollbridge_journal_healthy')).toBe(0);
    const refused = await call('caller-is-refused');
    const no = await refused.message(
      ({ status }) => status !== undefined && status >= 300,
      'a refusal',
      8000,
    );
    expect(no.status).toBe(503);
    expect(Number(no.headers.get('retry-after'))).toBeGreaterThan(0);
    await refused.done();

    // The call that was there is hung up by its caller as ever; its record waits.
    await talking.cue();
    await talking.done();
    await expect.poll(() => sut.live(), { timeout: 10_000 }).toEqual([]);
    expect((await sut.metrics()).get('tollbridge_journal_not_durable')).toBeGreaterThan(0);

    await disk.free(sut.pid);
    await expect.poll(() => sut.isReady(), { timeout: 15_000 }).toBe(true);
    await expect
      .poll(async () => (await sut.metrics()).get('tollbridge_loader_lag'), { timeout: 15_000 })
      .toBe(0);
    const heard = { began: new Set<string>(), answered: new Set([ok.callId]), refused: new Set<string>() };
    const { faults, figures } = await prove({ sut, heard, journalled: new Set() });
    expect(faults).toEqual([]);
    expect(figures['of them connected']).toBe(1);
  },
);
