import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { editConfig, replaceFile, type RawConfig } from '../support/edit-config.ts';
import { freePort } from '../support/ports.ts';
import { Sipp } from '../support/sipp.ts';
import { talk, useSwitch } from '../support/stage.ts';
import { tollbridge, type CallSeen } from '../support/switch.ts';

const stage = useSwitch({
  buyers: { sunrise: {}, helio: { concurrency: 1 } },
  campaigns: {
    solar: { routing: { routes: [{ buyer: 'sunrise' }] } },
    roofing: { routing: { routes: [{ buyer: 'helio', priority: 1 }] } },
  },
});

interface ReloadAnswer {
  ok: boolean;
  config: string;
  table: string;
  changed: boolean;
  settings: string[];
  since: string;
  restart: string[];
  problems: { file: string; path: string; line: number; message: string }[];
}

const config = () => stage.switch.config;
const change = (how: (config: RawConfig) => void) => editConfig(config(), how);
const pays = (amount: string) => [{ pays: amount, when: { connected: '>= 0s' } }];

/** Changes the file and waits until the switch has looked at it. */
async function changed(how: (config: RawConfig) => void, becomes: 'config_reloaded' | 'config_refused') {
  const from = stage.switch.log.length;
  await change(how);
  return stage.switch.logged(becomes, from);
}

async function reload(...words: string[]): Promise<{ code: number; answer: ReloadAnswer }> {
  const { code, stdout } = await stage.switch.command('reload', '--json', ...words);
  return { code, answer: JSON.parse(stdout) as ReloadAnswer };
}

test(
  'ten changes under load, three of them invalid: no call lost, each paid by the table that its record names',
  { timeout: 120_000 },
  async () => {
    const calls = 300;
    const prices = new Map<unknown, string>();
    const price = async (amount: string) => {
      const { table, changed: isOther } = await changed((config) => {
        config.buyers['sunrise'] = { ...config.buyers['sunrise'], revenue: pays(amount) };
      }, 'config_reloaded');
      expect(isOther).toBe(true);
      prices.set(table, amount);
    };
    await price('50.00');
    const crowd = { calls, callsPerSecond: 10, trace: false, withinMs: 90_000 };
    const buyers = await keep(
      Sipp.start({
        ...crowd,
        scenario: 'buyer-answers',
        port: stage.switch.trunkPort('sunrise'),
        keys: { sdp: sdp(await freePort()) },
      }),
    );
    const callers = await keep(
      Sipp.start({
        ...crowd,
        scenario: 'caller-talks-a-while',
        to: { ...stage.switch.sip, number: stage.switch.number('solar') },
        keys: { from: 'sip:+12146239000@127.0.0.1', sdp: sdp(await freePort()) },
        pause: 1_000,
      }),
    );
    const before = await stage.switch.metrics();
    for (let round = 1; round <= 10; round++) {
      if (round % 3 === 0) await breakAndMend();
      else await price(`${50 + round}.00`);
    }
    await Promise.all([callers.done(90_000), buyers.done(90_000)]);
    await stage.switch.idle(5_000);

    const records = async () => {
      const { stdout } = await stage.switch.command('calls', '--limit', '1000', '--json');
      return JSON.parse(stdout) as CallSeen[];
    };
    await expect.poll(async () => (await records()).length, { timeout: 20_000 }).toBe(calls);
    const seen = await records();
    for (const { outcome, cause, table, revenue } of seen) {
      expect({ outcome, cause, revenue }).toEqual({
        outcome: 'connected',
        cause: 'caller_hangup',
        revenue: prices.get(table),
      });
    }
    expect(new Set(seen.map(({ table }) => table)).size).toBeGreaterThan(3);
    const after = await stage.switch.metrics();
    const reloads = 'tollbridge_config_reloads_total';
    expect((after.get(reloads) ?? 0) - (before.get(reloads) ?? 0)).toBeGreaterThanOrEqual(10);
    expect(after.get('tollbridge_config_info')).toBe(1);
  },
);

/** An invalid file changes nothing; the old text put back is no change either. */
async function breakAndMend(): Promise<void> {
  let trunk: unknown;
  const refused = await changed((config) => {
    trunk = config.buyers['sunrise']?.['trunk'];
    config.buyers['sunrise'] = { ...config.buyers['sunrise'], trunk: 'sunrize-pbx' };
  }, 'config_refused');
  expect(refused).toMatchObject({ cause: 'file', errors: 1, problems: [{ path: 'buyers.sunrise.trunk' }] });
  const mended = await changed((config) => {
    config.buyers['sunrise'] = { ...config.buyers['sunrise'], trunk };
  }, 'config_reloaded');
  expect(mended).toMatchObject({ changed: false });
}

test('a live call keeps its table and its terms; the next one has the new', async () => {
  const before = await changed((config) => {
    config.buyers['helio'] = { ...config.buyers['helio'], revenue: pays('45.00') };
  }, 'config_reloaded');
  const buyer = await stage.buyer('helio', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'roofing' });
  await buyer.hears('INVITE');
  await caller.hears(200);
  await talk(caller, buyer, 300);
  const after = await changed((config) => {
    config.buyers['helio'] = { ...config.buyers['helio'], paused: true, revenue: pays('99.00') };
  }, 'config_reloaded');
  await talk(caller, buyer, 300);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  expect(await stage.record(caller)).toMatchObject({ table: before.table, buyer: 'helio', revenue: '45.00' });

  const next = await stage.caller('caller-listens', { campaign: 'roofing' });
  await next.sip.done();
  expect(await stage.record(next)).toMatchObject({ table: after.table, outcome: 'no_buyer' });
  await changed((config) => {
    config.buyers['helio'] = { ...config.buyers['helio'], paused: false };
  }, 'config_reloaded');
});

test('simulate --running answers in the world of the switch; what is said on top stands above it', async () => {
  const buyer = await stage.buyer('helio', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'roofing' });
  await buyer.hears('INVITE');
  await caller.hears(200);
  const simulate = async (...words: string[]) => {
    const call = ['--to', stage.switch.number('roofing'), '--from', '+12145559999', '--json', ...words];
    const { stdout, code } = await tollbridge('simulate', '--config', config(), ...call);
    expect(code).toBe(0);
    return JSON.parse(stdout) as unknown;
  };
  expect(await simulate()).toMatchObject({ outcome: 'dial' });
  expect(await simulate('--running')).toMatchObject({
    outcome: 'reject',
    left_out: [{ buyer: 'helio', rule: 'concurrency', seen: 1, limit: 1 }],
  });
  expect(await simulate('--running', '--live', 'helio=0')).toMatchObject({ outcome: 'dial' });
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  await expect.poll(() => simulate('--running')).toMatchObject({ outcome: 'dial' });
});

describe('asked for', () => {
  test('by SIGHUP', async () => {
    const from = stage.switch.log.length;
    stage.switch.signal('SIGHUP');
    expect(await stage.switch.logged('config_reloaded', from)).toMatchObject({
      cause: 'signal',
      changed: false,
    });
  });

  test('by tollbridge reload: 0 and the table', async () => {
    const { code, answer } = await reload();
    expect({ code, answer }).toMatchObject({
      code: 0,
      answer: { ok: true, config: config(), changed: false, restart: [], problems: [] },
    });
    expect(answer.table).toMatch(/^[0-9a-f]{12}$/);
  });

  test('by tollbridge reload: 1 and the problems, printed as check prints them', async () => {
    await changed((config) => {
      config.campaigns['solar']!.routing.routes = [{ buyer: 'sunrize' }];
    }, 'config_refused');
    const { code, stderr } = await stage.switch.command('reload');
    expect(code).toBe(1);
    expect(stderr).toMatch(/tollbridge\.yaml:\d+:\d+: error: campaigns\.solar\.routing\.routes\.0\.buyer: /);
    expect((await reload()).answer).toMatchObject({
      ok: false,
      problems: [{ path: 'campaigns.solar.routing.routes.0.buyer' }],
    });
    await changed((config) => {
      config.campaigns['solar']!.routing.routes = [{ buyer: 'sunrise' }];
    }, 'config_reloaded');
  });

  test('by tollbridge reload where no switch runs: 1, and where one was looked for', async () => {
    const port = await freePort();
    const other = join(stage.switch.directory, 'other.yaml');
    await copyFile(config(), other);
    await editConfig(other, (config) => {
      config.http.listen = `127.0.0.1:${port}`;
    });
    const { code, stderr } = await tollbridge('reload', '--config', other);
    expect(code).toBe(1);
    expect(stderr).toContain(`no switch runs at http://127.0.0.1:${port}`);
  });
});

test('limits change at once; what needs a restart stays, and is named', async () => {
  let listen = '';
  const done = await changed((config) => {
    listen = config.http.listen;
    config.http.listen = '127.0.0.1:1';
    config.limits['max_calls'] = 1;
  }, 'config_reloaded');
  expect(done).toMatchObject({ changed: true, settings: ['limits'] });
  expect(await stage.switch.logged('config_needs_restart')).toMatchObject({ entries: ['http.listen'] });
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'solar' });
  await buyer.hears('INVITE');
  await caller.hears(200);
  const late = await stage.caller('caller-is-refused', { campaign: 'solar' });
  await late.sip.done();
  expect(late.sip.heard(503)).toHaveLength(1);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  await changed((config) => {
    config.http.listen = listen;
    config.limits['max_calls'] = 500;
  }, 'config_reloaded');
  const { answer } = await reload();
  expect(answer).toMatchObject({ changed: false, settings: [], table: done.table });
  expect((await stage.switch.command('reload')).stdout).toMatch(
    /^routes by table \w+; the config was taken over \d+ s ago, nothing has changed since\n/,
  );
});

test('included files are watched, and so are the folders in which more may come to be', async () => {
  const folder = join(stage.switch.directory, 'buyers');
  await mkdir(folder);
  await writeFile(join(folder, 'one.yaml'), buyerFile('one'));
  await changed((config) => {
    config.include = ['buyers/*.yaml'];
  }, 'config_reloaded');
  const from = stage.switch.log.length;
  await replaceFile(join(folder, 'two.yaml'), buyerFile('two'));
  expect(await stage.switch.logged('config_reloaded', from)).toMatchObject({ cause: 'file', changed: true });
  const again = stage.switch.log.length;
  await replaceFile(join(folder, 'one.yaml'), 'buyers: { one: { trunk: nowhere } }\n');
  const refused = await stage.switch.logged('config_refused', again);
  expect(refused).toMatchObject({ problems: [{ file: join(folder, 'one.yaml') }, {}] });
  const mended = stage.switch.log.length;
  await replaceFile(join(folder, 'one.yaml'), buyerFile('third'));
  expect(await stage.switch.logged('config_reloaded', mended)).toMatchObject({ changed: true });
});

const buyerFile = (id: string) => `buyers: { ${id}: { trunk: helio-pbx, dial: "+12145550999" } }\n`;

async function keep(starting: Promise<Sipp>): Promise<Sipp> {
  const sipp = await starting;
  onTestFinished(() => sipp.close());
  onTestFailed(async () => console.error(await sipp.story()));
  return sipp;
}

/** Audio that nobody listens to: the legs exchange it directly. */
const sdp = (port: number) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0 8`,
  ].join('\r\n');
