import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Workers from '../../src/embedded/sip/worker.ts';
import { connectApp, routed } from './support/sip-app.ts';
import { FarCall, FarEnd } from './support/sip-far-end.ts';

/** A worker thread runs compiled code only, so that is what is tested: the folder, compiled to a place of its own. */
let folder: string;
let startSipWorker: typeof Workers.startSipWorker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sip-worker-'));
  const source = new URL('../../src/embedded/sip/', import.meta.url);
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    rewriteRelativeImportExtensions: true,
  };
  for (const name of await readdir(source, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const text = await readFile(new URL(name, source), 'utf8');
    const path = join(folder, name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, ts.transpileModule(text, { compilerOptions }).outputText);
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const compiled = (await import(pathToFileURL(join(folder, 'worker.js')).href)) as typeof Workers;
  startSipWorker = compiled.startSipWorker;
});

afterAll(() => rm(folder, { recursive: true }));

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

  it('that was told nonsense ends as a defect', async () => {
    await expect(startSipWorker({ ...options, listen: ['5060'] })).rejects.toThrow('no address to listen on');
  });
});
