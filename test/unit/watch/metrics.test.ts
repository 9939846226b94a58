import { readdirSync, readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Trunks } from '../../../src/calls/trunks/trunks.ts';
import { createEvents } from '../../../src/events.ts';
import { metricsTable, registryOfAll, withTable } from '../../../src/observing/metrics-table.ts';
import { labels, metricsIn, mostNames, other } from '../../../src/observing/metrics.ts';
import type { Trunk } from '../../../src/routing/network.ts';
import type { AttemptRecord, CallRecord } from '../../../src/records/events.ts';

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly labelNames?: readonly string[];
}

const all = registryOfAll().getMetricsAsArray() as unknown as readonly Described[];

describe('every metric', () => {
  it('is there', () => {
    expect(all.length).toBeGreaterThan(50);
  });

  it.each(all.map((metric) => [metric.name, metric] as const))(
    '%s is named by the conventions',
    (name, { type, help }) => {
      expect(name).toMatch(/^tollbridge_[a-z]+(?:_[a-z0-9]+)*$/);
      expect(name.endsWith('_total'), `${name} is a ${String(type)}`).toBe(type === 'counter');
      expect(name).not.toMatch(
        /_(?:ms|milliseconds|minutes|hours|kilobytes|megabytes|percent|count|sum|bucket)(?:_|$)/,
      );
      expect(help).toMatch(/^\S.{7,}\S$/);
    },
  );

  it.each(all.map(({ name, labelNames = [] }) => [name, labelNames] as const))(
    '%s has known labels',
    (_, labelNames) => {
      for (const label of labelNames) expect(Object.keys(labels)).toContain(label);
    },
  );

  it('is made in the one place where the rule is', () => {
    const src = new URL('../../../src/', import.meta.url);
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && name !== 'observing/metrics.ts',
    );
    expect(files).toEqual(expect.arrayContaining(['observing/gauges.ts', 'main.ts']));
    for (const file of files) {
      const source = readFileSync(new URL(file, src), 'utf8');
      expect(source, file).not.toMatch(/new (?:Counter|Gauge|Histogram|Summary)\b/);
    }
  });

  it('is in docs/metrics.md as it is: else run npm run metrics-doc', () => {
    const document = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    // How wide prettier makes a table says nothing.
    const plain = (text: string) =>
      text
        .replace(/ +\|/g, ' |')
        .replace(/-{3,}/g, '---')
        .replace(/\| +/g, '| ')
        .replace(/\| ---/g, '|---')
        .replace(/--- \|/g, '---|');
    expect(plain(document)).toBe(plain(withTable(document, metricsTable())));
  });

  it('that the runbook asks for is there', () => {
    const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
    const asked = new Set([...runbook.matchAll(/tollbridge_[a-z_]+[a-z]/g)].map(([name]) => name));
    const known = new Set(all.map(({ name }) => name));
    expect(asked.size).toBeGreaterThan(10);
    for (const name of asked) expect(known).toContain(name.replace(/_(?:bucket|sum|count)$/, ''));
  });
});

const attempt = (buyer: string): AttemptRecord => ({
  ...{ buyer, trunk: `${buyer}-pbx`, dial: '+12145550200', priority: 1 },
  ...{
    startedAt: 0,
    ringingAt: 100,
    answeredAt: null,
    endedAt: 200,
    result: 'busy',
    status: 486,
    reason: 'Busy',
  },
});

describe('the rule of labels', () => {
  it('counts so many names, and the rest as one', async () => {
    const registry = new Registry();
    const events = createEvents(() => undefined, registry);
    for (let n = 0; n < mostNames.config + 500; n++) events.attemptEnded('call', attempt(`buyer${n}`));
    const { values } = await registry.getSingleMetric('tollbridge_attempts_total')!.get();
    const buyers = new Set(values.map(({ labels: { buyer } }) => buyer));
    expect(buyers.size).toBe(mostNames.config + 1);
    expect(buyers).toContain('buyer999');
    expect(buyers).not.toContain('buyer1000');
    expect(values.filter(({ labels: { buyer } }) => buyer === other)).toEqual([
      { value: 500, labels: { buyer: other, trunk: other, result: 'busy' } },
    ]);
  });

  it('leaves out of a gauge what is more than that', async () => {
    const registry = new Registry();
    metricsIn(registry).readEach('some', 'Some help', ['buyer'], function* () {
      for (let n = 0; n < mostNames.config + 500; n++) yield [{ buyer: `buyer${n}` }, n] as const;
    });
    const { values } = await registry.getSingleMetric('tollbridge_some')!.get();
    expect(values).toHaveLength(mostNames.config);
  });

  it('lets nothing that a caller says become a label', async () => {
    const registry = new Registry();
    const events = createEvents(() => undefined, registry);
    const said = 'said-by-the-caller';
    const identity = {
      ...{ call: 'c1', from: said, to: said, carrier: 'voxlink', campaign: 'solar', publisher: 'clickwise' },
      ...{ source: said, attributes: { 'ivr.zip': said }, table: 'hash' },
    };
    const planned = { buyer: 'sunrise', trunk: 'pbx', dial: said, priority: 1 };
    events.offered(identity, said);
    events.routed(
      'c1',
      [planned],
      [{ buyer: 'helio', rule: 'hours', about: said, seen: said, limit: said }],
      0.1,
    );
    events.attemptEnded('c1', { ...attempt('sunrise'), trunk: 'pbx', reason: said });
    events.ended({
      ...identity,
      ...{
        startedAt: 0,
        answeredAt: 10,
        connectedAt: 20,
        endedAt: 30,
        outcome: 'connected',
        cause: 'caller_hangup',
      },
      ...{
        hungUpBy: 'caller',
        attempts: [],
        buyer: 'sunrise',
        plan: [planned],
        leftOut: [],
        media: 'direct',
      },
      recording: said,
    } satisfies CallRecord);
    events.defect('c1', new Error(said));
    events.requestFailed(new Error(said));
    expect(await registry.metrics()).not.toContain(said);
  });
});

describe('a metric that is read', () => {
  it('costs its own figures alone where it cannot be told', async () => {
    const registry = new Registry();
    const { read, total } = metricsIn(registry);
    let counted: () => number = () => 7;
    read('gone', 'A thread that ended', () => Promise.reject(new Error('gone')));
    read('thrown', 'A thread that ended', () => {
      throw new Error('gone');
    });
    total('counted_total', 'A count of somebody else', () => counted());
    expect(await registry.metrics()).toContain('tollbridge_counted_total 7');
    counted = () => {
      throw new Error('gone');
    };
    const text = await registry.metrics();
    expect(text).toMatch(/^tollbridge_gone Nan$/m);
    expect(text).toMatch(/^tollbridge_thrown Nan$/m);
    expect(text).toContain('tollbridge_counted_total 7');
  });

  it('tells how a call was heard, by leg', async () => {
    const registry = new Registry();
    const events = createEvents(() => undefined, registry);
    const figures = { codec: 'PCMU', packetsSent: 100, packetsReceived: 98, packetsLost: 2, jitter: 12 };
    events.heard('c1', { leg: 0, ...figures });
    events.heard('c1', { leg: 2, ...figures, packetsReceived: 0, packetsLost: 0, jitter: null });
    const text = await registry.metrics();
    expect(text).toContain('tollbridge_rtp_loss_ratio_sum{leg="caller"} 0.02');
    expect(text).toContain('tollbridge_rtp_jitter_seconds_sum{leg="caller"} 0.012');
    expect(text).toContain('tollbridge_rtp_packets_lost_total{leg="caller"} 2');
    expect(text).not.toContain('tollbridge_rtp_loss_ratio_sum{leg="buyer"}');
  });
});

describe('trunks', () => {
  it('that are probed or have a breaker are told of from the start, and no more once they went', async () => {
    const registry = new Registry();
    const events = createEvents(() => undefined, registry);
    const told = async () =>
      (await registry.metrics())
        .split('\n')
        .filter((line) => /^tollbridge_trunk_(up|breaker_open)\{/.test(line));
    const probe = { every: 60_000, downAfter: 1, upAfter: 1 };
    const breaker = { failures: 1, ratio: 1, over: 60_000, rest: 10_000 };
    const trunk = (id: string, more: Partial<Trunk> = {}): Trunk => ({
      ...{ id, uri: 'sip:127.0.0.1', transport: 'udp', concurrency: null, cps: null },
      ...{ silentAfter: 2_000, breaker: null },
      ...more,
    });
    const trunks = new Trunks({ probe: () => Promise.resolve('up') }, events);
    trunks.watch([trunk('a', { probe }), trunk('b', { breaker }), trunk('c')]);
    events.trunksStand(trunks.standing());
    expect(await told()).toEqual([
      'tollbridge_trunk_up{trunk="a"} 1',
      'tollbridge_trunk_breaker_open{trunk="b"} 0',
    ]);
    trunks.started('b', 0).ended({ kind: 'silent', deaf: false }, 0);
    trunks.watch([trunk('b', { breaker }), trunk('d', { probe })]);
    events.trunksStand(trunks.standing());
    expect(await told()).toEqual([
      'tollbridge_trunk_up{trunk="d"} 1',
      'tollbridge_trunk_breaker_open{trunk="b"} 1',
    ]);
    trunks.watch([]);
    events.trunksStand(trunks.standing());
    expect(await told()).toEqual([]);
    trunks.stop();
  });
});
