/** Who may use the API, over real sockets. */
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../src/http/server.ts';
import { httpOptions } from '../../support/http-options.ts';

async function started(token: string | null) {
  let reloads = 0;
  const server = await listen(
    httpOptions({
      tokens: () => ({ network: token, buyers: new Map() }),
      reload: () => {
        reloads += 1;
        return Promise.resolve({ ok: false, config: '/nowhere.yaml', problems: [] });
      },
    }),
  );
  if (!server.ok) throw new Error(server.problem);
  onTestFinished(() => server.close());
  return { url: server.url, reloads: () => reloads };
}

/** By node:http: fetch writes its own Host. */
async function ask(url: string, method = 'GET', headers: Readonly<Record<string, string>> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers }, resolve).on('error', reject).end();
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('without a token', () => {
  test.each<[string, Record<string, string>, number]>([
    ['a program', {}, 200],
    ['by localhost', { Host: 'localhost:8080' }, 200],
    ['by an address of IPv6', { Host: '[::1]:8080' }, 200],
    ['typed into a browser', { 'Sec-Fetch-Site': 'none' }, 200],
    ['a web page', { Origin: 'https://evil.example' }, 403],
    ['a page of a file or a sandbox', { Origin: 'null' }, 403],
    ['a web page that sends no Origin', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a name that somebody lets point here', { Host: 'evil.example:8080' }, 403],
    ['a Host that is none', { Host: '///' }, 403],
  ])('%s', async (_name, headers, status) => {
    const { url, reloads } = await started(null);
    expect((await ask(`${url}/api/v1/calls/live`, 'GET', headers)).status).toBe(status);
    expect((await ask(`${url}/api/v1/reload`, 'POST', headers)).status).toBe(status === 200 ? 422 : status);
    expect(reloads()).toBe(status === 200 ? 1 : 0);
  });
});

test('with a token that alone counts, by whatever name the switch is reached', async () => {
  const { url, reloads } = await started('hunter2');
  const named = { Host: 'switch.example' };
  expect((await ask(`${url}/api/v1/reload`, 'POST', named)).status).toBe(401);
  expect(
    (await ask(`${url}/api/v1/reload`, 'POST', { ...named, Authorization: 'Bearer hunter3' })).status,
  ).toBe(401);
  expect(reloads()).toBe(0);
  const right = { ...named, Authorization: 'Bearer hunter2' };
  expect((await ask(`${url}/api/v1/reload`, 'POST', right)).status).toBe(422);
  expect(reloads()).toBe(1);
});

test('health and metrics are told to whoever asks, by any name, and to no page of another site', async () => {
  const { url } = await started(null);
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const { status, headers } = await ask(`${url}${path}`, 'GET', { Host: 'tollbridge:8080' });
    expect(status).toBe(200);
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('to a publisher campaigns are told by the config: nothing is counted for it', async () => {
  const { publishers, records } = httpOptions();
  const holder = { role: 'publisher', publisher: 'clickwise' } as const;
  const solar = { id: 'solar', name: 'Solar', open: true };
  const server = await listen(
    httpOptions({
      tokens: () => ({ network: 'the-network', buyers: new Map() }),
      records: { ...records, storedToken: () => Promise.resolve({ id: 'one', holder, label: 'one' }) },
      publishers: { ...publishers, offeredCampaigns: () => [solar] },
    }),
  );
  if (!server.ok) throw new Error(server.problem);
  onTestFinished(() => server.close());
  const asked = async (path: string) => {
    const { status, body } = await ask(`${server.url}/api/v1${path}`, 'GET', {
      Authorization: 'Bearer theirs',
    });
    return [status, JSON.parse(body)] as const;
  };
  expect(await asked('/campaigns')).toEqual([200, { items: [solar], next: null }]);
  expect(await asked('/campaigns/solar')).toEqual([200, solar]);
  expect(await asked('/campaigns/none')).toMatchObject([404, { reason: 'unknown_campaign' }]);
});

test('an address that is taken is refused with what to do', async () => {
  const first = await listen(httpOptions());
  if (!first.ok) throw new Error(first.problem);
  onTestFinished(() => first.close());
  const { host, port } = new URL(first.url);
  expect(await listen(httpOptions({ port: Number(port) }))).toEqual({
    ok: false,
    problem: `http.listen: ${host}: another program uses this port; stop it or choose another port`,
  });
});
