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
import { numbersFor, serverAt, type Side, type SideUp } from './side.ts';

const kinds = {
  direct: { campaign: {}, from: 240 },
  anchored: { campaign: { media: 'anchored' }, from: 60 },
} as const;

export interface OwnUp extends SideUp {
  /** A sample of /metrics, summed over its labels. */
  metric(name: string): Promise<number>;
}

export interface OwnSide extends Side {
  start(): Promise<OwnUp>;
}

export const ownSide = (kind: keyof typeof kinds, buyers: readonly number[]): OwnSide => ({
  name: `tollbridge, media ${kind}`,
  from: kinds[kind].from,
  start: () => start(kind, buyers),
});

async function start(kind: keyof typeof kinds, buyers: readonly number[]): Promise<OwnUp> {
  const directory = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
  const at = { sip: await freePort(), http: await freePort() };
  const places = buyers.map((_, pair) => pair);
  const config = await writeSwitchConfig(
    directory,
    {
      buyers: Object.fromEntries(places.map((pair) => [`buyer-${pair}`, {}])),
      campaigns: Object.fromEntries(
        places.map((pair) => [
          `${kind}-${pair}`,
          { ...kinds[kind].campaign, routing: { routes: [{ buyer: `buyer-${pair}` }] } },
        ]),
      ),
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
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  const lines = createInterface({ input: child.stdout });
  const [ready] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
  if (typeof ready !== 'string') throw new Error('the switch does not start');
  const sip = Number(/udp:[^ ,]*?:(\d+)/.exec(ready)?.[1] ?? at.sip);

  const drachtio = serverAt('TOLLBRIDGE_DRACHTIO') ? await pidsOf('drachtio') : [];
  const isThere = kind === 'anchored' && serverAt('TOLLBRIDGE_FREESWITCH') !== null;
  const freeswitch = isThere ? await pidsOf('freeswitch') : [];
  await pin([...drachtio, ...freeswitch], 'measured');
  const programs = {
    node: child.pid === undefined ? [] : [child.pid],
    postgres: await postmasterOf(data),
    drachtio,
    freeswitch,
  };
  return {
    target: { ports: [sip], numbers: numbersFor(buyers.length) },
    programs: new Map(Object.entries(programs).filter(([, pids]) => pids.length > 0)),
    metric: (name) => metricAt(`http://127.0.0.1:${at.http}/metrics`, name),
    stop: async () => {
      process.off('exit', end);
      const gone = once(child, 'exit');
      end();
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
