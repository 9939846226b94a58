import { afterEach, describe, expect, it } from 'vitest';
import { unready, unsound } from '../../../src/observing/health.ts';
import { listen, type Listening } from '../../../src/http/server.ts';
import { httpOptions } from '../../support/http-options.ts';

const alive = { stats: () => Promise.resolve({}) };
const hung = { stats: () => new Promise<never>(() => undefined) };
const dead = { stats: () => Promise.reject(new Error('the SIP worker has ended')) };
const still = { max: 6_000 };
const quick = { max: 20 };

describe('a process', () => {
  it.each([
    ['is sound', quick, alive, alive, []],
    ['is sound with engines elsewhere', quick, null, null, []],
    ['whose loop stood still', still, alive, alive, ['the event loop stood still for 6.0 s']],
    ['whose SIP thread hangs', quick, hung, alive, ['the SIP thread does not answer']],
    ['whose media thread died', quick, alive, dead, ['the media thread does not answer']],
  ])('%s', async (_, delay, SIP, media, reasons) => {
    expect(await unsound({ loop: () => delay, threads: { SIP, media } })).toEqual(reasons);
  });
});

const linked = { link: new AbortController().signal, ready: true };
const lost = { link: AbortSignal.abort(), ready: false };
const ready = { draining: false, signalling: linked, media: { ready: true }, journal: { healthy: true } };

describe('a switch', () => {
  it.each([
    ['takes calls', {}, []],
    ['drains', { draining: true }, ['draining']],
    ['lost its SIP server', { signalling: lost }, ['no link to the SIP server']],
    [
      'was linked a moment ago',
      { signalling: { ...linked, ready: false } },
      ['the SIP server was not told yet to send calls here'],
    ],
    ['has no media server', { media: { ready: false } }, ['no media server']],
    ['cannot write its journal', { journal: { healthy: false } }, ['the journal cannot be written']],
    ['wants several things', { draining: true, media: { ready: false } }, ['draining', 'no media server']],
  ])('%s', (_, wanting, reasons) => {
    expect(unready({ ...ready, ...wanting })).toEqual(reasons);
  });
});

describe('over HTTP', () => {
  let up: Extract<Listening, { ok: true }> | undefined;
  afterEach(() => up?.close());
  const asked = async (path: string, reasons: readonly string[]) => {
    const listening = await listen(
      httpOptions({ unsound: () => Promise.resolve(reasons), notReady: () => reasons }),
    );
    if (!listening.ok) throw new Error(listening.problem);
    up = listening;
    const response = await fetch(`${listening.url}${path}`);
    return { status: response.status, body: await response.json() };
  };

  it.each([
    ['/healthz', [], 200, { status: 'ok' }],
    ['/healthz', ['so'], 503, { status: 'unsound', reasons: ['so'] }],
    ['/readyz', [], 200, { ready: true, reasons: [] }],
    ['/readyz', ['so'], 503, { ready: false, reasons: ['so'] }],
  ])('%s with %j', async (path, reasons, status, body) => {
    expect(await asked(path, reasons)).toEqual({ status, body });
  });
});
