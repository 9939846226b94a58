import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Workers from '../../src/embedded/media/worker.ts';
import { Replay } from '../contract/freeswitch-replay.ts';
import { compileEngine, type Compiled } from './support/compiled.ts';

let compiled: Compiled;
let startMediaWorker: typeof Workers.startMediaWorker;

beforeAll(async () => {
  compiled = await compileEngine();
  ({ startMediaWorker } = await compiled.load<typeof Workers>('media/worker'));
});
afterAll(() => compiled.remove());

const loopback = { host: '127.0.0.1', port: 0 };
const options = {
  sip: loopback,
  eventSocket: loopback,
  secret: 'ClueCon',
  trust: [],
  rtp: { host: '127.0.0.1' },
};

describe('the media server in a worker thread', () => {
  it('goes on playing while the thread of the app stands still', async () => {
    const replay = await Replay.around((trust) => startMediaWorker({ ...options, trust }));
    const { wire, peer } = await replay.leg('00000000-0000-4000-8000-000000000000');
    wire.send('connect\n\n');
    await wire.next('reply', 2000);
    wire.send(
      'sendmsg\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: tone_stream://%(3000,0,440)\n\n',
    );
    await peer.heard({ freq: 440 });
    const before = peer.packets.length;
    const until = performance.now() + 1000;
    while (performance.now() < until);
    // What came meanwhile lies in the socket's buffer.
    await peer.until(() => peer.packets.length >= before + 45);
    const [first, ...rest] = peer.packets.slice(before);
    for (const [n, packet] of rest.entries()) {
      expect((packet.seq - first!.seq) & 0xffff).toBe(n + 1);
      expect((packet.timestamp - first!.timestamp) >>> 0).toBe(160 * (n + 1));
    }
    expect(await replay.media.stats()).toMatchObject({ channels: 1, skippedFrames: 0, defects: 0 });
    await replay.close();
    await expect(replay.media.stats()).rejects.toThrow('ended');
  });

  it('tells its log', async () => {
    const events: string[] = [];
    const replay = await Replay.around((trust) =>
      startMediaWorker({ ...options, trust, log: (_, event) => events.push(event) }),
    );
    const wire = replay.inbound();
    wire.send('auth wrong\n\n');
    await expect.poll(() => events).toEqual(['media.wrong_secret']);
    await replay.close();
  });

  it('that cannot have its port says so', async () => {
    const first = await startMediaWorker(options);
    await expect(startMediaWorker({ ...options, eventSocket: first.eventSocket })).rejects.toThrow(
      'EADDRINUSE',
    );
    await expect(startMediaWorker({ ...options, sip: first.sip })).rejects.toThrow(String(first.sip.port));
    await first.close();
  });
});
