import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Workers from '../../src/embedded/sip/worker.ts';
import { compileEngine, type Compiled } from './support/compiled.ts';
import { connectApp, routed } from './support/sip-app.ts';
import { FarCall, FarEnd } from './support/sip-far-end.ts';

let compiled: Compiled;
let startSipWorker: typeof Workers.startSipWorker;

beforeAll(async () => {
  compiled = await compileEngine();
  ({ startSipWorker } = await compiled.load<typeof Workers>('sip/worker'));
});
afterAll(() => compiled.remove());

const options = { listen: ['udp:127.0.0.1:0'], control: { host: '127.0.0.1', port: 0 }, secret: 'cymru' };

describe('the server in a worker thread', () => {
  it('serves apps, tells its figures and its log, and is gone when closed', async () => {
    const events: string[] = [];
    const worker = await startSipWorker({ ...options, log: (_, event) => events.push(event) });
    const app = await connectApp(worker.control, 'cymru');
    app.invite((_, res) => res.send(486));
    await routed(app);
    const { port } = worker.listening[0]!;
    const end = await FarEnd.udp(port);
    const call = new FarCall(end, `sip:a@127.0.0.1:${port}`);
    call.invite();
    call.ack(await end.response(486));
    expect(await worker.stats()).toMatchObject({ apps: 1, defects: 0 });
    app.disconnect();
    end.close();
    await expect.poll(() => events).toContain('sip.app_left');
    await worker.close();
    await expect(worker.stats()).rejects.toThrow('ended');
  });

  it('tells once a second what its loop went through, each second once', async () => {
    const worker = await startSipWorker(options);
    const told: unknown[] = [];
    const taken = () => {
      const load = worker.takeLoad();
      if (load) told.push(load);
      return told.length;
    };
    await expect.poll(taken, { timeout: 20_000 }).toBe(1);
    expect(told[0]).toEqual({ delay: expect.any(Number), busy: expect.any(Number) });
    expect(worker.takeLoad()).toBeNull();
    await expect.poll(taken, { timeout: 20_000 }).toBe(2);
    await worker.close();
  });

  it('that cannot have its port says which and what to do', async () => {
    const first = await startSipWorker(options);
    const { port } = first.listening[0]!;
    const second = startSipWorker({ ...options, listen: [`udp:127.0.0.1:${port}`] });
    await expect(second).rejects.toMatchObject({
      code: 'EADDRINUSE',
      address: `udp:127.0.0.1:${port}`,
      message: expect.stringContaining('another program uses this port'),
    });
    await first.close();
  });

  it('that was told nonsense says so', async () => {
    await expect(startSipWorker({ ...options, listen: ['5060'] })).rejects.toThrow('no address to listen on');
  });
});
