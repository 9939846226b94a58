import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { snapshotFrom } from '../../../src/cli/running-world.ts';

test('a switch that refuses to tell is not taken for one without the campaign', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(403).end(JSON.stringify({ detail: 'not for you' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const config = { http: { host: '127.0.0.1', port, token: null } } as unknown as Config;
  const told = await snapshotFrom(config, {
    of: { campaign: 'solar', publisher: 'clickwise' },
    caller: null,
  });
  expect(told).toMatchObject({ ok: false, message: 'the switch answered 403: not for you' });
});
