/** The switch as it is delivered, with journal, records and settlement: media past it, and through it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/demo/package-root.ts';
import { freePort } from '../../test/support/ports.ts';
import { writeSwitchConfig } from '../../test/support/switch-config.ts';
import { pidsOf, pin, pinned } from './cores.ts';
import { numbersFor, serverAt, type Side } from './side.ts';

export interface OwnSides {
  readonly direct: Side;
  readonly anchored: Side;
  /** A sample of /metrics, summed over its labels. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function ownSides(buyers: readonly number[]): Promise<OwnSides> {
  const directory = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
  const at = { sip: await freePort(), http: await freePort() };
  const places = buyers.map((_, pair) => pair);
  const campaigns = (name: string, more: object) =>
    Object.fromEntries(
      places.map((pair) => [
        `${name}-${pair}`,
        { ...more, routing: { routes: [{ buyer: `buyer-${pair}` }] } },
      ]),
    );
  const config = await writeSwitchConfig(
    directory,
    {
      buyers: Object.fromEntries(places.map((pair) => [`buyer-${pair}`, {}])),
      campaigns: { ...campaigns('direct', {}), ...campaigns('anchored', { media: 'anchored' }) },
      limits: { max_calls: 100_000 },
    },
    { ...at, trunks: new Map(places.map((pair) => [`buyer-${pair}`, buyers[pair] ?? 0])) },
  );
  const data = join(directory, 'data');
  const { program, before } = pinned('measured', process.execPath);
  const script = join(packageRoot, 'scripts', 'tollbridge.js');
  const child = spawn(program, [...before, script, 'serve', '--config', config, '--data', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  process.once('exit', () => child.kill('SIGTERM'));
  const lines = createInterface({ input: child.stdout });
  const [ready] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
  if (typeof ready !== 'string') throw new Error('the switch does not start');
  const sip = Number(/udp:[^ ,]*?:(\d+)/.exec(ready)?.[1] ?? at.sip);

  const drachtio = serverAt('TOLLBRIDGE_DRACHTIO') ? await pidsOf('drachtio') : [];
  const freeswitch = serverAt('TOLLBRIDGE_FREESWITCH') ? await pidsOf('freeswitch') : [];
  await pin([...drachtio, ...freeswitch], 'measured');
  const database = await postmasterOf(data);
  const programs = new Map([
    ['node', child.pid === undefined ? [] : [child.pid]],
    ['postgres', database],
    ...(drachtio.length > 0 ? ([['drachtio', drachtio]] as const) : []),
  ]);
  const nothing = () => Promise.resolve();
  const side = (name: string, from: number, first: number): Side => ({
    ...{ name, from, programs, stop: nothing },
    target: { ports: [sip], numbers: numbersFor(buyers.length, first) },
  });
  const anchored = side('tollbridge, media anchored', 60, buyers.length);
  return {
    direct: side('tollbridge, media direct', 240, 0),
    anchored: {
      ...anchored,
      programs: freeswitch.length > 0 ? new Map([...programs, ['freeswitch', freeswitch]]) : programs,
    },
    metric: (name) => metricAt(`http://127.0.0.1:${at.http}/metrics`, name),
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function metricAt(url: string, name: string): Promise<number> {
  const text = await (await fetch(url)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** The embedded database's first process. */
async function postmasterOf(data: string): Promise<readonly number[]> {
  const files = await readdir(data, { recursive: true });
  const file = files.find((name) => name.endsWith('postmaster.pid'));
  const pid =
    file === undefined ? Number.NaN : Number((await readFile(join(data, file), 'utf8')).split('\n')[0]);
  return Number.isInteger(pid) ? [pid] : [];
}
