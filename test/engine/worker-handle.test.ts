import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker, type RunningWorker } from '../../src/embedded/worker/handle.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-worker-'));
const entry = pathToFileURL(join(folder, 'entry.mjs'));
const log: string[] = [];

/** What stands for a server: its data say what it does when it starts, is asked and is closed. */
beforeAll(() => {
  writeFileSync(
    entry,
    `import { parentPort, workerData } from 'node:worker_threads';
    const forever = () => { for (;;); };
    const tell = (message) => parentPort.postMessage(message);
    if (workerData.start === 'dies') throw new Error('a bug at the start');
    if (workerData.start === 'refuses') tell({ kind: 'refused', message: 'no', code: 'EADDRINUSE', address: 'udp:x:1' });
    else tell({ kind: 'started', facts: { port: 5060 } });
    let late;
    parentPort.on('message', ({ kind, id }) => {
      const what = workerData[kind];
      if (what === 'wedged') forever();
      else if (what === 'dies') throw new Error('a bug');
      else if (what === 'late' && late === undefined) late = id;
      else if (kind === 'close') parentPort.close();
      else for (const one of [late, id]) if (one !== undefined) tell({ kind: 'stats', id: one, stats: { of: one } });
    });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const patience = 300;

function start(data: Record<string, string> = {}): Promise<{ port: number } & RunningWorker<{ of: number }>> {
  log.length = 0;
  return startWorker({ name: 'test', entry, data, patience, log: (_, event) => log.push(event) });
}

describe('a worker', () => {
  it('tells what it is, answers and ends', async () => {
    const worker = await start();
    expect(worker.port).toBe(5060);
    expect(await Promise.all([worker.stats(), worker.stats()])).toEqual([{ of: 1 }, { of: 2 }]);
    await worker.close();
    await expect(worker.stats()).rejects.toThrow('the test worker has ended');
    expect(log).toEqual([]);
  });

  it('that is wedged is asked in vain, and ended all the same', async () => {
    const worker = await start({ stats: 'wedged' });
    await expect(worker.stats()).rejects.toThrow('the test worker does not answer');
    await expect(worker.stats()).rejects.toThrow('the test worker does not answer');
    await worker.close();
    expect(log).toEqual(['test.worker_stuck']);
    // It was closed: that is not failing.
    expect(await Promise.race([worker.failed, Promise.resolve('closed')])).toBe('closed');
  });

  it('that is wedged while it closes is ended', async () => {
    const worker = await start({ close: 'wedged' });
    await worker.close();
    expect(log).toEqual(['test.worker_stuck']);
  });

  it('gives each its own answer, though one comes too late', async () => {
    const worker = await start({ stats: 'late' });
    await expect(worker.stats()).rejects.toThrow('does not answer');
    expect(await worker.stats()).toEqual({ of: 2 });
    await worker.close();
  });

  it('that dies tells so, and leaves nobody waiting', async () => {
    const worker = await start({ stats: 'dies' });
    await expect(worker.stats()).rejects.toThrow('has ended');
    expect((await worker.failed).message).toBe('a bug');
    await worker.close();
  });

  it('that does not start says why', async () => {
    await expect(start({ start: 'refuses' })).rejects.toMatchObject({
      message: 'no',
      code: 'EADDRINUSE',
      address: 'udp:x:1',
    });
    await expect(start({ start: 'dies' })).rejects.toThrow('a bug at the start');
  });
});
