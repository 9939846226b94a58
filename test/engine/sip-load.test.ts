/** Whose load is read from its link: that of a server which tells nothing of itself, and of no other. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startSipServer } from '../../src/embedded/sip/server.ts';
import { startEngines } from '../../src/engines.ts';
import type { Config } from '../../src/config/config.ts';

const ofThread = { delay: 7, busy: 0.7 };
const ofLink = { delay: 3, busy: 0.3 };
const own = { delay: 1, busy: 0.1 };
const gathering = vi.hoisted(() => vi.fn());

vi.mock('../../src/signalling/drachtio/link-load.ts', () => ({
  LinkLoad: class {
    constructor() {
      gathering();
    }
    take = () => ofLink;
  },
}));
vi.mock('../../src/embedded/sip/worker.ts', () => ({
  startSipWorker: async (options: Parameters<typeof startSipServer>[0]) => ({
    ...(await startSipServer(options)),
    takeLoad: () => ofThread,
  }),
}));
vi.mock('../../src/media/freeswitch/connect.ts', () => ({
  connectMedia: () => Promise.resolve({ ok: true, media: { close: () => Promise.resolve() } }),
}));

beforeEach(() => gathering.mockClear());

async function loadOf(sip: Config['engine']['sip']) {
  const up = await startEngines(
    { engine: { sip, media: { kind: 'freeswitch', servers: [] } }, limits: {} as Config['limits'] },
    { recordings: '/nowhere', owner: 'test', log: () => undefined },
  );
  if (!up.ok) throw new Error(up.problem);
  onTestFinished(() => up.engines.close());
  return up.engines.takeSipLoad(own);
}

test('the embedded one tells its load itself: nothing is gathered on its link', async () => {
  expect(await loadOf({ kind: 'embedded', listen: ['udp:127.0.0.1:0'] })).toEqual(ofThread);
  expect(gathering).not.toHaveBeenCalled();
});

test('that of a drachtio server is read from its link', async () => {
  const server = await startSipServer({
    ...{ listen: ['udp:127.0.0.1:0'], secret: 'cymru' },
    control: { host: '127.0.0.1', port: 0 },
  });
  onTestFinished(() => server.close());
  expect(await loadOf({ kind: 'drachtio', ...server.control, secret: 'cymru' })).toEqual(ofLink);
  expect(gathering).toHaveBeenCalledOnce();
});
